/**
 * Ids are TypeIDs: a prefix that names the thing, `_`, and a UUIDv7 in 26 characters of base 32.
 * The prefixes stand here once, so that an id can be recognised wherever it turns up.
 */
export const ID_PREFIXES = {
  program: 'prg',
  person: 'per',
  apiKey: 'key',
  session: 'ses',
  partner: 'prt',
  contract: 'ctr',
  trainingModule: 'trm',
  asset: 'ast',
  content: 'cnt',
  link: 'lnk',
  site: 'sit',
  coupon: 'cpn',
  identity: 'idn',
  touchpoint: 'tch',
  conversion: 'cnv',
  refund: 'rfd',
  policy: 'pol',
  study: 'sty',
  evaluation: 'evl',
  commission: 'com',
  hold: 'hld',
  ledgerEntry: 'ent',
  window: 'win',
  statement: 'stm',
  invoice: 'inv',
  payout: 'pay',
  payoutDetails: 'pdt',
  feedback: 'fbk',
  message: 'msg',
  task: 'tsk',
  comment: 'cmt',
  survey: 'srv',
  invitation: 'ivt',
  response: 'rsp',
  brief: 'brf',
  prospect: 'psp',
  event: 'evt',
  mail: 'mai',
  webhook: 'whk',
  delivery: 'dlv',
  import: 'imp',
  document: 'doc',
  adjustment: 'adj',
  template: 'tpl',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;
export type IdPrefix = (typeof ID_PREFIXES)[IdKind];

/** An id of one kind, for instance `Id<'partner'>` is `prt_…`. */
export type Id<K extends IdKind> = `${(typeof ID_PREFIXES)[K]}_${string}`;

const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** Whether `text` is an id of that kind; never throws. */
export function isId<K extends IdKind>(kind: K, text: string): text is Id<K> {
  const prefix = `${ID_PREFIXES[kind]}_`;
  return text.startsWith(prefix) && SUFFIX.test(text.slice(prefix.length));
}
