import { given } from './letter.ts';
import type { LetterBook, LetterFacts } from './letter.ts';

const about = ({ task, partner }: LetterFacts) => (partner === undefined ? task! : `${task!} (${partner})`);
const until = ({ due }: LetterFacts) => due && `Bitte erledigen Sie das bis ${due}.`;
const wrote = (text: string | undefined) => text && `„${text}“`;

export const GERMAN: LetterBook = {
  greeting: (name) => `Guten Tag ${name},`,
  closing: (program) => `${program}. Diese Nachricht hat das Programm selbst geschrieben; Antworten liest niemand.`,

  tasks: {
    'partner.survey': 'einige Fragen zu Ihnen beantworten',
    'application.decision': 'über eine Bewerbung entscheiden',
    'contract.signature': 'Ihren Vertrag lesen und unterschreiben',
    'contract.counter': 'einen Gegenvorschlag beantworten',
    'contract.countersignature': 'einen Vertrag gegenzeichnen',
    'contract.amendment': 'eine Änderung Ihres Vertrags beantworten',
    'enablement.training': 'Ihre Schulung machen',
    'enablement.payout-details': 'angeben, wohin wir zahlen',
    'enablement.stalled': 'einem Partner weiterhelfen, der vor dem Start feststeckt',
    'payout-details.verification': 'Auszahlungsdaten prüfen',
    'content.review': 'einen Beitrag prüfen',
    'content.revision': 'Ihren Beitrag überarbeiten',
    'content.publication': 'Ihren freigegebenen Beitrag veröffentlichen',
    'settlement.approval': 'eine Abrechnung freigeben',
    'adjustment.approval': 'eine Korrektur freigeben',
    'payout.release': 'eine Auszahlung freigeben',
    'payout.investigation': 'klären, was aus einer Auszahlung wurde',
    'hold.review': 'zurückgehaltenes Geld prüfen',
    'reconciliation.difference': 'eine Differenz in den Büchern erklären',
    'setting.approval': 'die Änderung einer Geldeinstellung freigeben',
    'feedback.triage': 'die Rückmeldung eines Partners beantworten',
    'feedback.information': 'uns mehr zu Ihrer Rückmeldung sagen',
    'feedback.appeal': 'über einen Widerspruch entscheiden',
    'policy.approval': 'eine Attributionsregel freigeben',
    'brief.approval': 'ein Briefing freigeben',
    'experiment.decision': 'entscheiden, wie ein Experiment weitergeht',
    'mail.undeliverable': 'eine Adresse richtigstellen, die keine Post annimmt',
  },

  cases: {
    'order-corrected': 'Die Bestellung wurde berichtigt und neu zugerechnet.',
    'rule-changed':
      'Die Regel, nach der Verkäufe zugerechnet werden, hat sich geändert. Verkäufe aus der Zeit davor bleiben zugerechnet, wie sie sind.',
    'rule-changed-and-posted':
      'Die Regel, nach der Verkäufe zugerechnet werden, hat sich geändert, und frühere Verkäufe wurden nach ihr neu zugerechnet. Ein Unterschied für Sie steht bei Ihren Provisionen.',
    'rule-changed-not-posted':
      'Die Regel, nach der Verkäufe zugerechnet werden, hat sich geändert. Frühere Verkäufe konnten nicht nach ihr neu zugerechnet werden; für sie ändert sich nichts.',
    'rule-not-changed': 'Die Regel, nach der Verkäufe zugerechnet werden, wurde nicht geändert.',
  },

  letters: {
    'task-opened': (facts) => ({
      subject: `Sie sind dran: ${about(facts)}`,
      lines: given(`Sie sind an der Reihe: ${about(facts)}.`, until(facts)),
      action: 'Aufgabe öffnen',
    }),
    'task-reminder': (facts) => ({
      subject: `Erinnerung: ${about(facts)}`,
      lines: given(`Das wartet noch auf Sie: ${about(facts)}.`, until(facts)),
      action: 'Aufgabe öffnen',
    }),
    'task-escalated': (facts) => ({
      subject: `Wartet zu lange: ${about(facts)}`,
      lines: given(
        `Das hat niemand rechtzeitig erledigt: ${about(facts)}.`,
        facts.due && `Fällig war es bis ${facts.due}.`,
        'Bitte kümmern Sie sich darum, oder geben Sie es jemandem, der es kann.',
      ),
      action: 'Aufgabe öffnen',
    }),
    'partner-waitlisted': ({ program }) => ({
      subject: `Sie stehen auf der Warteliste von ${program}`,
      lines: [
        'Danke für Ihre Bewerbung. Im Moment haben wir keinen passenden Platz; wir bewahren Ihre Antworten auf und melden uns.',
      ],
    }),
    'partner-declined': ({ program, reason }) => ({
      subject: `Ihre Bewerbung bei ${program}`,
      lines: given('Wir haben Ihre Bewerbung geprüft und können sie nicht annehmen.', wrote(reason)),
    }),
    'partner-expired': ({ program }) => ({
      subject: `Ihre Bewerbung bei ${program} ist verfallen`,
      lines: [
        'Wir haben nicht rechtzeitig von Ihnen gehört, deshalb ist Ihre Bewerbung verfallen. Sie können sich gern erneut bewerben.',
      ],
    }),
    'partner-active': ({ program }) => ({
      subject: `Willkommen bei ${program}`,
      lines: ['Alles ist bereit: Ihre Partnerschaft ist aktiv, und Ihre Links verdienen ab jetzt.'],
      action: 'Partnerschaft öffnen',
    }),
    'partner-paused': ({ program, reason }) => ({
      subject: `Ihre Partnerschaft mit ${program} ruht`,
      lines: given(
        'Ihre Partnerschaft ruht. Was Sie verdient haben, bleibt Ihres und wird gezahlt, sobald es weitergeht.',
        wrote(reason),
      ),
      action: 'Partnerschaft öffnen',
    }),
    'partner-ended': ({ program, reason, expired }) => ({
      subject: `Ihre Partnerschaft mit ${program} ist beendet`,
      lines: given(
        expired && `Ihr Vertrag ist ausgelaufen: Er galt bis ${expired}.`,
        'Ihre Partnerschaft ist beendet. Eine letzte Abrechnung zahlt, was noch Ihres ist.',
        wrote(reason),
      ),
      action: 'Partnerschaft öffnen',
    }),
    'payout-paid': ({ amount }) => ({
      subject: `${amount!} gezahlt`,
      lines: [`Wir haben Ihnen ${amount!} gezahlt.`],
      action: 'Ansehen, woraus der Betrag besteht',
    }),
    'payout-failed': ({ amount }) => ({
      subject: `Ihre Auszahlung von ${amount!} war nicht möglich`,
      lines: [
        `Ihre Bank oder Ihr Zahlungsdienst hat unsere Zahlung von ${amount!} nicht angenommen. Das Geld bleibt Ihres. Bitte prüfen Sie Ihre Auszahlungsdaten.`,
      ],
      action: 'Auszahlung öffnen',
    }),
    'payout-returned': ({ amount }) => ({
      subject: `Ihre Auszahlung von ${amount!} kam zurück`,
      lines: [
        `Unsere Zahlung von ${amount!} wurde zurückgeschickt. Das Geld bleibt Ihres. Bitte prüfen Sie Ihre Auszahlungsdaten.`,
      ],
      action: 'Auszahlung öffnen',
    }),
    'feedback-told': ({ message }) => ({
      subject: 'Neues zu Ihrer Rückmeldung',
      lines: given('Es gibt Neues zu Ihrer Rückmeldung.', wrote(message)),
      action: 'Fall öffnen',
    }),
    'contract-signed': ({ program }) => ({
      subject: 'Ihr unterschriebener Vertrag',
      lines: given(`Sie und ${program} haben unterschrieben. Dies ist Ihre Ausfertigung mit beiden Unterschriften.`),
      action: 'Unterschriebenen Vertrag lesen',
    }),
    'contract-notice': ({ from }) => ({
      subject: 'Ihr Vertrag ändert sich',
      lines: given(`Ihr Vertrag hat eine neue Fassung${from ? `, die ab ${from} gilt` : ''}. Bitte lesen Sie sie.`),
      action: 'Vertrag lesen',
    }),
    'policy-changed': ({ program, amount }) => ({
      subject: `${program} rechnet Verkäufe nach einer neuen Regel zu`,
      lines: given(
        'Die Regel hat sich geändert, nach der Verkäufe denen zugerechnet werden, die sie gebracht haben.',
        amount && `Für die neu betrachteten Verkäufe ist der Unterschied für Sie ${amount}.`,
      ),
      action: 'Ihre Provisionen ansehen',
    }),
    'policy-not-studied': ({ reason }) => ({
      subject: 'Ihre Regel konnte nicht untersucht werden',
      lines: given(
        'Die Untersuchung der Regel, die Sie eingereicht haben, ist mehrmals gescheitert. Ohne ihre Zahlen kann niemand eine Regel freigeben, deshalb wurde sie abgelehnt; die geltende Regel bleibt.',
        wrote(reason),
        'Bitte berichtigen Sie die Regel und reichen Sie sie als neuen Entwurf ein.',
      ),
      action: 'Regel öffnen',
    }),
    'policy-not-reevaluated': ({ reason }) => ({
      subject: 'Frühere Verkäufe wurden nicht nach Ihrer Regel neu zugerechnet',
      lines: given(
        'Die Regel, die Sie eingereicht haben, gilt. Die Neuberechnung, die mit ihr verlangt war, wurde nicht ausgeführt: Frühere Verkäufe bleiben zugerechnet, wie sie sind, und für sie wurde nichts gebucht.',
        reason === undefined ? 'Sie wurde vor der Ausführung abgebrochen.' : 'Sie ist aus diesem Grund gescheitert:',
        wrote(reason),
        'Sollen frühere Verkäufe weiterhin neu zugerechnet werden, reichen Sie dieselbe Regel bitte als neuen Entwurf ein.',
      ),
      action: 'Regel öffnen',
    }),
    'policy-replaced': () => ({
      subject: 'Eine andere Regel hat Ihre ersetzt',
      lines: given(
        'Die Regel, die Sie eingereicht haben, wurde freigegeben, nach ihr aber eine andere, die im selben Augenblick beginnt. Ihre gilt deshalb nie: Sie ändert keine Zurechnung, und nichts wird nach ihr neu berechnet.',
        'Wird sie noch gebraucht, reichen Sie sie bitte als neuen Entwurf ein.',
      ),
      action: 'Regel öffnen',
    }),
  },
};
