/** The three markets of a seeded program; regions are how reports group them. */
export const SEEDED_MARKETS = [
  {
    code: 'DE',
    name: 'Germany',
    region: 'EMEA',
    countries: ['DE', 'AT', 'CH'],
    language: 'de',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
  },
  {
    code: 'US',
    name: 'United States',
    region: 'AMER',
    countries: ['US', 'CA'],
    language: 'en',
    timeZone: 'America/New_York',
    currency: 'USD',
  },
  {
    code: 'JP',
    name: 'Japan',
    region: 'APAC',
    countries: ['JP'],
    language: 'ja',
    timeZone: 'Asia/Tokyo',
    currency: 'JPY',
  },
];
