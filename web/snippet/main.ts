import { hideClickId, readArrival } from './arrival.ts';
import { readCookie, writeCookie } from './cookie.ts';
import { send, setStorage } from './queue.ts';
import { randomId } from './random-id.ts';
import { isConsentGiven } from './settings.ts';

const VISITOR = 'td_visitor';
const CLICK = 'td_click';
const SIGNED_IN = 'td_signed_in';
const VISITOR_DAYS = 390;
const CLICK_DAYS = 90;

/** Undefined until the page has said, whatever cookie is there: until then nobody is named, and nothing is kept or sent. */
let hasConsent: boolean | undefined = isConsentGiven || undefined;
let arrival = readArrival();
let customerId: string | undefined;

/** What a page can call: `tandem('consent', true)`. */
const commands = {
  consent(isGiven: boolean): void {
    hasConsent = !!isGiven;
    if (!hasConsent) forget();
    setStorage(hasConsent);
    report();
    reportCustomer();
  },

  visit: (more: object) => touch('visit', more),

  event: (more: object) => touch('event', more),

  identify(id: string): void {
    customerId = id;
    reportCustomer();
  },

  conversion(more: object): void {
    send('conversions', hasConsent ? { ...more, visitorId: visitor(), clickId: readCookie(CLICK) || undefined } : more);
  },
};

function forget(): void {
  for (const name of [VISITOR, CLICK]) writeCookie(name, '', 0);
  try {
    localStorage.removeItem(SIGNED_IN);
  } catch {
    // Nothing was kept where nothing can be.
  }
}

/** The visitor's first-party id, made on first use; with consent only. */
function visitor(): string {
  const kept = readCookie(VISITOR) ?? '';
  // Whatever else somebody put there would be refused with each item.
  const id = /^[\da-f]{32}$/.test(kept) ? kept : randomId();
  writeCookie(VISITOR, id, VISITOR_DAYS);
  return id;
}

function touch(kind: 'visit' | 'event', more: object): void {
  const consent = hasConsent === true;
  send('touchpoints', { ...more, kind, id: randomId(), consent, visitorId: consent ? visitor() : undefined });
}

/** An arrival by a tracking link is one contact, the click, which the link stored: here its two visitors become one person. */
function reportArrival(): void {
  if (!arrival) return;
  const { channel, clickId } = arrival;
  arrival = undefined;
  if (!hasConsent || !clickId) return touch('visit', { channel });
  writeCookie(CLICK, clickId, CLICK_DAYS);
  hideClickId();
  send('identities', { visitorId: visitor(), clickId });
}

/** Said once per visitor and customer, not on every page. */
function reportCustomer(): void {
  if (!hasConsent || !customerId) return;
  const visitorId = visitor();
  const pair = `${visitorId} ${customerId}`;
  try {
    if (localStorage.getItem(SIGNED_IN) === pair) return;
    localStorage.setItem(SIGNED_IN, pair);
  } catch {
    // Without storage it is said on every page; the second time is a duplicate.
  }
  send('identities', { visitorId, customerId });
}

/** The arrival, and what the page has said before it said whether the person agrees. */
function report(): void {
  reportArrival();
  for (const [command, argument] of held.splice(0)) commands[command](argument);
}

type Call = [command: keyof typeof commands, argument: never];
type Tandem = ((...call: Call) => void) & { q?: Call[] };
const page = window as unknown as { tandem?: Tandem };

const held: Call[] = [];
const waiting = page.tandem?.q ?? [];
page.tandem = (command, argument) => {
  if (hasConsent === undefined && command !== 'consent') held.push([command, argument]);
  else commands[command](argument);
};
if (hasConsent) setStorage(true);
// What the page said while the script was on its way, the consent first of all.
for (const call of waiting) page.tandem(...call);
if (hasConsent !== undefined) reportArrival();

// Whoever leaves without an answer did not consent.
addEventListener('pagehide', report);
