import { moneyText } from '../domain/money/format.ts';
import type { Dossier } from './dossier.ts';
import { renderSections } from './pdf.ts';
import type { Section } from './pdf.ts';

/** A dossier for people who read paper: the verification first, then money, decisions and the record. The JSON holds every field. */
export function renderDossier(dossier: Dossier): Promise<Buffer> {
  const { chain, ledger, recomputation } = dossier.verification;
  return renderSections(`Dossier: ${dossier.kind} ${dossier.id}`, [
    {
      heading: 'Verification',
      facts: [
        ['Made', dossier.madeAt],
        ['Record (hash chain)', chain],
        ['Ledger', ledger],
        ['Recomputation', recomputation],
        [
          'Head of the chain',
          dossier.chainHead ? `${dossier.chainHead.seq} ${dossier.chainHead.hash}` : 'not sealed yet',
        ],
      ],
    },
    subjectSection(dossier),
    {
      heading: 'Contracts',
      facts: dossier.contracts.map((contract) => [
        `${contract.contractId} v${contract.version}`,
        `${contract.effectiveFrom ?? 'not in force'} · ${contract.hash}`,
      ]),
    },
    {
      heading: 'Commissions',
      facts: dossier.commissions.map((commission) => [
        `${commission.kind} ${moneyText(commission.amount)}`,
        [
          commission.state,
          commission.conversionId,
          `paid ${commission.expectedPayAt ?? 'after the contract ends'}`,
          commission.reason,
        ]
          .filter(Boolean)
          .join(' · '),
      ]),
    },
    {
      heading: 'Decisions',
      facts: dossier.decisions.map((decision) => [
        decision.kind,
        [decision.outcome ?? decision.state, decision.decidedByName, decision.decidedAt, decision.reason]
          .filter(Boolean)
          .join(' · '),
      ]),
    },
    { heading: 'Record', facts: dossier.events.map(({ at, text }) => [at, text]) },
  ]);
}

function subjectSection(dossier: Dossier): Section {
  if ('partner' in dossier) {
    const { name, type, country, status } = dossier.partner;
    return {
      heading: 'Partner',
      facts: [
        ['Name', name],
        ['Type', type],
        ['Country', country],
        ['Status', status],
      ],
    };
  }
  if ('conversion' in dossier) {
    const { externalId, occurredAt, value, remaining, credits, touchpoints } = dossier.conversion;
    return {
      heading: 'Conversion',
      facts: [
        ['External id', externalId],
        ['Happened', occurredAt],
        ['Value', `${moneyText(value)}, ${moneyText(remaining)} after refunds`],
        ...credits.map(
          ({ beneficiary, channel, share, value: part, supersededBy }) =>
            [
              `Credit ${beneficiary.name}`,
              `${channel} · ${share} · ${moneyText(part)}${supersededBy === null ? '' : ' · superseded'}`,
            ] as const,
        ),
        ...touchpoints.map(
          ({ id, channel, occurredAt: at, weight, reason, multipliers }) =>
            [
              `Touchpoint ${id}`,
              [at, channel, reason ?? weight, ...multipliers.map(({ text }) => text)].join(' · '),
            ] as const,
        ),
      ],
    };
  }
  const { amount, state, approvedBy, releasedBy, attempts } = dossier.payout;
  return {
    heading: 'Payout',
    facts: [
      ['Amount', moneyText(amount)],
      ['State', state],
      ['Approved by', approvedBy ?? 'nobody'],
      ['Released by', releasedBy ?? 'nobody'],
      ...attempts.map(({ no, kind, result, at }) => [`Attempt ${no}`, `${at} · ${kind} · ${result}`] as const),
    ],
  };
}
