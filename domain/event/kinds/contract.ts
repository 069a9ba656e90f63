import type { EventTexts } from '../kind.ts';

export const CONTRACT_EVENTS = {
  'contract.template-added': '{actor} added a contract template.',
  'contract.offered': 'Version {version} of the contract was offered.',
  'contract.signed': 'The partner signed version {version}.',
  'contract.countersigned': '{actor} countersigned version {version}.',
  'contract.in-force': 'Version {version} of the contract is in force from {from}.',
  'contract.refused': '{actor} refused the contract.',
  'contract.expired': 'The contract was not signed in time.',
  'contract.term-over': 'The term of the contract is over: it ran until {until}.',
  'contract.ended': '{actor} ended the contract.',
} as const satisfies EventTexts;
