/** In the place of the real settlement where hundreds of windows turn: this is about the journey, and the others have tests of their own. */
export async function settlement(): Promise<void> {}
