import type { PartnerHistory } from './partner-history.ts';

/** The contract version by which a partner is credited; empty where none is in force. */
export interface ContractNote {
  contractId?: string;
  contractVersion?: number;
}

/** @param partnerId null for a channel or the programme. @param at when the conversion happened */
export function contractNote(history: PartnerHistory, partnerId: string | null, at: string): ContractNote {
  const contract = partnerId === null ? null : history.contractAt(partnerId, at);
  return contract === null ? {} : { contractId: contract.contractId, contractVersion: contract.version };
}
