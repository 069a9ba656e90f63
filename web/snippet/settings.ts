/** What the script element of the page says; the only settings there are. */
const { dataset, src } = document.currentScript as HTMLScriptElement;

/** The publishable key of the site, `pk_…`. */
export const siteKey = dataset.key;

/** Where everything is sent: beside where this script came from. */
export const endpoint = new URL('/v1/collect', src).href;

/** The query parameter that brings the click id of a tracking link. */
export const clickParameter = dataset.param ?? 'tdclid';

/** The domain that the cookies are for, so that several hosts of one site share them; this host alone when absent. */
export const cookieDomain = dataset.domain;

/** Whether the page vouches for the consent before it asks `consent(true)`. A browser that asks not to be tracked overrules it. */
export const isConsentGiven =
  dataset.consent === 'given' &&
  navigator.doNotTrack !== '1' &&
  !(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;
