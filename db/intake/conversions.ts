import { madeUpCustomer } from '../../domain/attribution/identity.ts';
import { MAX_PAGE_MINOR } from '../../domain/money/money.ts';
import { newId } from '../ids.ts';
import { lockParents } from '../locks.ts';
import type { Pool } from '../pool.ts';
import type { Tx } from '../transaction.ts';
import { attempt, intakeBatch } from './batch.ts';
import type { Intake, IntakeOptions, Placed } from './batch.ts';
import { findClaims, firstsOf, settleClaims } from './claim.ts';
import { loadClicks } from './click.ts';
import type { Click } from './click.ts';
import { readConversionItem } from './conversion-item.ts';
import type { ConversionItem } from './conversion-item.ts';
import { ensureIdentities, forgetUnnamed } from './identity.ts';
import { assertNotInFuture, digestOf } from './item.ts';
import { addMerges } from './merge.ts';
import { Origins } from './origin.ts';
import { namesParent, ParentTree } from './parent-tree.ts';
import type { PersonIds } from './person-ids.ts';
import type { PersonKey } from './person.ts';
import { Refusal } from './result.ts';
import type { IntakeResult } from './result.ts';
import { mergesOf, storeTouchpoints } from './touchpoints.ts';
import type { ResolvedTouchpoint } from './touchpoints.ts';
import { suffixOf } from './touchpoint-item.ts';
import { isOwnClickId, lockWaitingClicks, noteWaitingClicks } from './waiting-click.ts';
import { queueIntakeWork } from './work.ts';

interface Resolved extends ConversionItem {
  id: string;
  /** Who it names; a conversion that names nobody but carries a coupon, or a click that is not stored yet, is a person of its own. */
  keys: PersonKey[];
  click: Click | null;
  /** The click that it names and that may still come; it is merged then. */
  awaitedClickId: string | null;
  couponTouch: ResolvedTouchpoint | null;
}

export const CONVERSION_INTAKE: Intake<ConversionItem> = {
  kind: 'conversion.received',
  read: readConversionItem,
  lock: lockBeside,
  store,
};

/**
 * Takes conversions in (`POST /v1/conversions`), at most 1,000, under the intake barrier. A known click id merges its visitor with the
 * customer, and so does one whose click is stored later; a coupon is a touchpoint of its partner at the instant of the conversion.
 * @returns one result per item, in order; `id` of a duplicate is that of the conversion stored before
 */
export async function intakeConversions(
  pool: Pool,
  programId: string,
  items: readonly unknown[],
  options: IntakeOptions = {},
): Promise<IntakeResult[]> {
  return intakeBatch(pool, programId, items, { ...options, ...CONVERSION_INTAKE });
}

/** As `intakeConversions`, of what browsers on a site reported; the site's rule says whether it counts, and is applied by the caller. */
export async function intakeSiteConversions(
  pool: Pool,
  programId: string,
  items: readonly unknown[],
  { siteId, ...options }: IntakeOptions & { siteId: string },
): Promise<IntakeResult[]> {
  const read = (value: unknown) => ({ ...readConversionItem(value, MAX_PAGE_MINOR), siteId });
  return intakeBatch(pool, programId, items, { ...options, ...CONVERSION_INTAKE, read });
}

/** Batches without a parent and without a click that is not stored yet, nearly all of them, wait for nobody. */
async function lockBeside(tx: Tx, items: readonly Placed<ConversionItem>[]): Promise<void> {
  if (items.some(({ item }) => namesParent(item))) await lockParents(tx);
  await lockWaitingClicks(
    tx,
    items.map(({ item }) => item.clickId),
  );
}

async function store(
  tx: Tx,
  items: Placed<ConversionItem>[],
  receivedAt: string,
  results: IntakeResult[],
): Promise<void> {
  const clicks = await loadClicks(
    tx,
    items.flatMap(({ item }) => item.clickId ?? []),
  );
  const origins = await Origins.load(
    tx,
    items.map(({ item }) => couponClaim(item)),
  );
  const parents = await ParentTree.load(
    tx,
    items.map(({ item }) => item),
  );
  const resolved: Placed<Resolved>[] = [];
  for (const { index, item } of items) {
    attempt(results, index, () => {
      assertNotInFuture(item.occurredAt, receivedAt);
      const usable = resolve(item, clicks, origins);
      parents.add(item);
      resolved.push({ index, item: usable });
    });
  }
  const identities = await ensureIdentities(
    tx,
    resolved.flatMap(({ item }) => item.keys),
  );
  const accepted = await insertConversions(tx, resolved, identities, receivedAt, results);
  if (accepted.length < resolved.length)
    await forgetUnnamed(
      tx,
      identities,
      accepted.flatMap(({ item }) => item.keys),
    );
  await queueIntakeWork(
    tx,
    accepted.map(({ item }) => ({ kind: 'conversion' as const, conversionId: item.id })),
    receivedAt,
  );
  const touches = accepted.flatMap(({ item }) => (item.couponTouch ? [{ index: 0, item: item.couponTouch }] : []));
  await storeTouchpoints(tx, touches, receivedAt, []);
  await mergePersons(tx, accepted, identities, receivedAt);
}

async function mergePersons(
  tx: Tx,
  accepted: readonly Placed<Resolved>[],
  identities: PersonIds,
  receivedAt: string,
): Promise<void> {
  const waiting = accepted.flatMap(({ item: { awaitedClickId: clickId, keys, id, occurredAt } }) =>
    clickId === null ? [] : [{ clickId, identityId: identities.of(keys[0]!), cause: `conversion/${id}`, occurredAt }],
  );
  await noteWaitingClicks(tx, waiting, receivedAt);
  const merges = accepted.flatMap(({ item }) => {
    const ids = item.keys.map((key) => identities.of(key));
    if (item.click?.identityId) ids.push(item.click.identityId);
    return mergesOf(ids, `conversion/${item.id}`, item.occurredAt);
  });
  const { grown } = await addMerges(tx, merges, receivedAt);
  await queueIntakeWork(
    tx,
    grown.map((identityId) => ({ kind: 'merge' as const, identityId })),
    receivedAt,
  );
}

const couponClaim = ({ couponCode, occurredAt }: ConversionItem) => ({
  couponCode,
  occurredAt,
  partnerId: null,
  linkCode: null,
  channel: null,
  subId: null,
});

function resolve(item: ConversionItem, clicks: Map<string, Click>, origins: Origins): Resolved {
  const click = item.clickId === null ? null : (clicks.get(item.clickId) ?? null);
  const awaitedClickId = !click && isOwnClickId(item.clickId) ? item.clickId : null;
  const namesNobody = item.person.length === 0 && !click && awaitedClickId === null && item.couponCode === null;
  // A page reports the sale of somebody without consent too: it is stored without identity, and its credit is the programme's.
  if (namesNobody && item.siteId === undefined) {
    throw new Refusal(
      'no-identity',
      'identity: Give at least one of visitorId, customerId, emailHash, a known clickId, or a couponCode.',
    );
  }
  const isOwnPerson = item.couponCode !== null || awaitedClickId !== null;
  const isNameless = item.person.length === 0 && !click?.identityId && isOwnPerson;
  // Whoever followed one link is one person, however many orders name the click before it is stored.
  const name =
    awaitedClickId === null ? madeUpCustomer('order', item.externalId) : madeUpCustomer('click', awaitedClickId);
  const keys: PersonKey[] = isNameless ? [{ kind: 'customer', value: name }] : item.person;
  const couponTouch = item.couponCode === null ? null : couponTouchpoint(item, keys, click, origins);
  return { ...item, id: newId('conversion'), keys, click, awaitedClickId, couponTouch };
}

/** The code that a customer typed in: a contact with its partner at the instant of the conversion. */
function couponTouchpoint(
  item: ConversionItem,
  keys: PersonKey[],
  click: Click | null,
  origins: Origins,
): ResolvedTouchpoint {
  const origin = origins.resolve(couponClaim(item));
  const content = { conversion: item.externalId, couponId: origin.couponId };
  const digest = digestOf(content);
  return {
    id: `tch_${suffixOf(digest)}`,
    digest,
    person: keys.length > 0 ? keys.slice(0, 1) : click?.person ? [click.person] : [],
    channel: origin.channel,
    partnerId: origin.partnerId,
    linkCode: null,
    couponCode: item.couponCode,
    kind: 'code',
    subId: null,
    occurredAt: item.occurredAt,
    consent: true,
    properties: null,
    origin,
  };
}

async function insertConversions(
  tx: Tx,
  items: readonly Placed<Resolved>[],
  identities: PersonIds,
  receivedAt: string,
  results: IntakeResult[],
): Promise<Placed<Resolved>[]> {
  const firsts = firstsOf(items);
  await tx.query(
    `insert into conversion (
       program_id, id, external_id, digest, identity_id, click_touchpoint_id, coupon_id, type, value_minor, currency, new_customer, vertical,
       country, product, parent_external_id, occurred_at, received_at, properties, site_id
     )
     select $1, c.id, c.external_id, decode(c.digest, 'hex'), c.identity_id, c.click_touchpoint_id, c.coupon_id, c.type, c.value_minor, c.currency,
       c.new_customer, c.vertical, c.country, c.product, c.parent_external_id, c.occurred_at, $3, c.properties, c.site_id
     from jsonb_to_recordset($2::jsonb) as c (
       id text, external_id text, digest text, identity_id text, click_touchpoint_id text, coupon_id text, type text, value_minor bigint,
       currency text, new_customer boolean, vertical text, country text, product text, parent_external_id text, occurred_at timestamptz,
       properties jsonb, site_id text
     )
     order by c.external_id
     on conflict (program_id, external_id) do nothing`,
    [tx.programId, JSON.stringify(firsts.map(({ item }) => conversionRow(item, identities))), receivedAt],
  );
  const stored = await findClaims(
    tx,
    'conversion',
    firsts.map(({ item }) => item.externalId),
  );
  return settleClaims(items, stored, results);
}

function conversionRow(item: Resolved, identities: PersonIds) {
  const first = item.keys[0];
  return {
    id: item.id,
    external_id: item.externalId,
    digest: item.digest,
    identity_id: first ? identities.of(first) : (item.click?.identityId ?? null),
    click_touchpoint_id: item.click?.touchpointId ?? null,
    coupon_id: item.couponTouch?.origin.couponId ?? null,
    type: item.type,
    value_minor: item.value.minor,
    currency: item.value.currency,
    new_customer: item.newCustomer,
    vertical: item.vertical,
    country: item.country,
    product: item.product,
    parent_external_id: item.parentExternalId,
    occurred_at: item.occurredAt,
    properties: item.properties,
    site_id: item.siteId ?? null,
  };
}
