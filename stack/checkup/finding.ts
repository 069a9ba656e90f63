/** One thing that the doctor looked at. `fault` keeps Tandem from running or is unsafe; `advice` is worth a thought. */
export interface Finding {
  level: 'ok' | 'advice' | 'fault';
  /** What was looked at: a few words. */
  about: string;
  /** What was found and, unless it is good, what to do. */
  text: string;
}

export const ok = (about: string, text: string): Finding => ({ level: 'ok', about, text });
export const advice = (about: string, text: string): Finding => ({ level: 'advice', about, text });
export const fault = (about: string, text: string): Finding => ({ level: 'fault', about, text });
