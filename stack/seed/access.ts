/** What `.tandem/access.json` holds, so that scripts can use the local stack. Never written in production. */
export interface Access {
  baseUrl: string;
  mailUrl: string;
  providerUrl: string;
  programId: string;
  /** An owner's key. */
  apiKey: string;
  people: AccessPerson[];
  partners: { id: string; email: string; apiKey: string }[];
}

export interface AccessPerson {
  email: string;
  role: string;
  apiKey: string;
  signInUrl: string;
}
