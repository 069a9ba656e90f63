import { endpoint, siteKey } from './settings.ts';

type Noun = 'touchpoints' | 'identities' | 'conversions';
type Entry = [noun: Noun, item: { occurredAt: string }];

const STORE = 'td_queue';
/** More is dropped, oldest first: a page that cannot send for long must not fill the visitor's browser. */
const MOST = 50;
/** Browsers refuse more than 64 KiB in requests that outlive their page; some room is left for what wraps the items. */
const MOST_BYTES = 60_000;
const LONGEST_AGE_MS = 86_400_000;
const LONGEST_WAIT_MS = 60_000;

let entries: Entry[] = [];
/** Undefined until the page has said: then nothing is stored, and what was stored with consent stays. */
let mayStore: boolean | undefined;
let isSending = false;
let isLeaving = false;
let waitMs = 1_000;

/** Queues an item; every item carries its own id, so that sending it twice stores it once. */
export function send(noun: Noun, item: object): void {
  // A new list, because the one before may be on its way.
  keep([...entries, [noun, { ...item, occurredAt: new Date().toISOString() }]]);
  // What a page says in one go is one request; a page that is left has no later.
  if (isLeaving) sendLast();
  else setTimeout(flush, 0);
}

/** From now on what waits outlives the page; or (false) all that waits is forgotten, here and in the store. */
export function setStorage(isAllowed: boolean): void {
  if (!isAllowed) entries = [];
  else if (!mayStore) entries = [...readStore(), ...entries];
  mayStore = isAllowed;
  keep(entries);
  if (entries.length > 0) setTimeout(flush, 0);
}

async function flush(): Promise<void> {
  if (isSending || entries.length === 0) return;
  isSending = true;
  const sent = firstOf(entries);
  const isOver = await post(bodyOf(sent));
  isSending = false;
  if (isOver) {
    keep(entries.filter((entry) => !sent.includes(entry)));
    waitMs = 1_000;
    if (entries.length > 0) setTimeout(flush, 0);
  } else {
    setTimeout(flush, waitMs);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
}

/** @returns whether there is an answer for good; a server that is away or busy is asked again */
async function post(body: string): Promise<boolean> {
  try {
    // Text, so that the browser need not ask first; without cookies of the endpoint's own.
    const { status } = await fetch(endpoint, { method: 'POST', body, keepalive: true, credentials: 'omit' });
    return status < 500 && status !== 429;
  } catch {
    return false;
  }
}

function bodyOf(sent: Entry[]): string {
  const body = { key: siteKey, sentAt: new Date().toISOString(), touchpoints: [], identities: [], conversions: [] };
  for (const [noun, item] of sent) (body[noun] as object[]).push(item);
  return JSON.stringify(body);
}

/** As many as one request may carry. */
function firstOf(waiting: Entry[]): Entry[] {
  let bytes = 0;
  return waiting.filter((entry) => (bytes += sizeOf(entry)) <= MOST_BYTES);
}

function sizeOf(entry: Entry): number {
  return new Blob([JSON.stringify(entry)]).size;
}

/** An item that no request can carry would keep all others from being sent. */
function keep(next: Entry[]): void {
  entries = next.filter((entry) => sizeOf(entry) <= MOST_BYTES).slice(-MOST);
  try {
    if (mayStore && entries.length > 0) localStorage.setItem(STORE, JSON.stringify(entries));
    else if (mayStore !== undefined) localStorage.removeItem(STORE);
  } catch {
    // A browser may refuse storage: then what waits ends with the page.
  }
}

function readStore(): Entry[] {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? '[]') as Entry[];
    return kept.filter(([, { occurredAt }]) => Date.now() - Date.parse(occurredAt) < LONGEST_AGE_MS);
  } catch {
    return [];
  }
}

/** The page may not come back: what still waits goes with a beacon, and stays in the store until a request is answered. */
function sendLast(): void {
  for (let left = entries; left.length > 0;) {
    const sent = firstOf(left);
    // The browser takes so much and no more for a page that is left.
    if (!navigator.sendBeacon(endpoint, bodyOf(sent))) return;
    left = left.filter((entry) => !sent.includes(entry));
  }
}

addEventListener('online', () => void flush());
addEventListener('pagehide', () => {
  isLeaving = true;
  sendLast();
});
// It came back as it was, from the browser's memory.
addEventListener('pageshow', () => {
  isLeaving = false;
  void flush();
});
