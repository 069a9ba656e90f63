/** Partners who are credited or paid in an open window, and have none: windows must be written first. */
export class NoOpenWindow extends Error {
  readonly partnerIds: string[];

  constructor(partnerIds: string[]) {
    super(`No window is open for ${partnerIds.join(', ')}.`);
    this.name = 'NoOpenWindow';
    this.partnerIds = partnerIds;
  }
}
