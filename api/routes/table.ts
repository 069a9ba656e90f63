import type { Route } from '../route.ts';
import { API_KEY_ROUTES } from './api-keys.ts';
import { ME_ROUTES } from './me.ts';
import { PEOPLE_ROUTES } from './people.ts';
import { PROGRAM_ROUTES } from './program.ts';
import { APPLICATION_ROUTES } from './applications.ts';
import { PARTNER_ROUTES } from './partners.ts';
import { PARTNER_CHANGE_ROUTES } from './partner-changes.ts';
import { TASK_ROUTES } from './tasks.ts';
import { TASK_DESK_ROUTES } from './task-desk.ts';
import { INTAKE_ROUTES } from './intake.ts';
import { IDENTITY_MERGE_ROUTES } from './identity-merges.ts';
import { IMPORT_ROUTES } from './imports.ts';
import { LINK_ROUTES } from './links.ts';
import { REDIRECT_ROUTES } from './redirect.ts';
import { COLLECT_ROUTES } from './collect.ts';
import { CONSENT_ROUTES } from './consents.ts';
import { SITE_ROUTES } from './sites.ts';
import { SNIPPET_ROUTES } from './snippet.ts';
import { CONTRACT_ROUTES } from './contracts.ts';
import { CONTRACT_TEMPLATE_ROUTES } from './contract-templates.ts';
import { CONTENT_ROUTES } from './content.ts';
import { ASSET_ROUTES } from './assets.ts';
import { TRAINING_ROUTES } from './training-modules.ts';
import { TIMELINE_ROUTES } from './timeline.ts';
import { HISTORY_ROUTES } from './history.ts';
import { SCREEN_ROUTES } from './screens.ts';
import { SIGN_IN_ROUTES } from './sign-in.ts';
import { SYSTEM_ROUTES } from './system.ts';
import { WEBHOOK_ROUTES } from './webhooks.ts';
import { ADJUSTMENT_ROUTES } from './adjustments.ts';
import { SURVEY_ROUTES } from './audience-surveys.ts';
import { BRIEF_ROUTES } from './briefs.ts';
import { COMMISSION_ROUTES } from './commissions.ts';
import { CONVERSION_READ_ROUTES } from './conversions.ts';
import { CREDIT_ROUTES } from './credits.ts';
import { DOSSIER_ROUTES } from './dossiers.ts';
import { FEEDBACK_ROUTES } from './feedback.ts';
import { FIT_ROUTES } from './fits.ts';
import { FX_RATE_ROUTES } from './fx-rates.ts';
import { HOLD_ROUTES } from './holds.ts';
import { LEDGER_ROUTES } from './ledger.ts';
import { PAYOUT_PROVIDER_ROUTES } from './payout-providers.ts';
import { PAYOUT_ROUTES } from './payouts.ts';
import { POLICY_ROUTES } from './policies.ts';
import { PROSPECT_ROUTES } from './prospects.ts';
import { JOURNEY_REPORT_ROUTES } from './journey-report.ts';
import { REPORT_ROUTES } from './reports.ts';
import { SURVEY_FORM_ROUTES } from './survey-form.ts';
import { STATEMENT_ROUTES } from './statements.ts';
import { STUDY_ROUTES } from './studies.ts';
import { WINDOW_ROUTES } from './windows.ts';

/** Every route of the API with the roles that may call it. What does not stand here does not exist. */
export const ROUTES: readonly Route[] = [
  ...SYSTEM_ROUTES,
  ...SIGN_IN_ROUTES,
  ...ME_ROUTES,
  ...PROGRAM_ROUTES,
  ...PEOPLE_ROUTES,
  ...API_KEY_ROUTES,
  ...WEBHOOK_ROUTES,
  ...APPLICATION_ROUTES,
  ...PARTNER_ROUTES,
  ...PARTNER_CHANGE_ROUTES,
  ...CONTRACT_ROUTES,
  ...CONTRACT_TEMPLATE_ROUTES,
  ...CONTENT_ROUTES,
  ...ASSET_ROUTES,
  ...TRAINING_ROUTES,
  ...TIMELINE_ROUTES,
  ...HISTORY_ROUTES,
  ...TASK_ROUTES,
  ...TASK_DESK_ROUTES,
  ...INTAKE_ROUTES,
  ...IDENTITY_MERGE_ROUTES,
  ...IMPORT_ROUTES,
  ...LINK_ROUTES,
  ...REDIRECT_ROUTES,
  ...SITE_ROUTES,
  ...SNIPPET_ROUTES,
  ...COLLECT_ROUTES,
  ...CONSENT_ROUTES,
  ...POLICY_ROUTES,
  ...STUDY_ROUTES,
  ...CONVERSION_READ_ROUTES,
  ...CREDIT_ROUTES,
  ...FIT_ROUTES,
  ...COMMISSION_ROUTES,
  ...HOLD_ROUTES,
  ...SCREEN_ROUTES,
  ...WINDOW_ROUTES,
  ...STATEMENT_ROUTES,
  ...PAYOUT_ROUTES,
  ...PAYOUT_PROVIDER_ROUTES,
  ...LEDGER_ROUTES,
  ...ADJUSTMENT_ROUTES,
  ...FX_RATE_ROUTES,
  ...FEEDBACK_ROUTES,
  ...SURVEY_ROUTES,
  ...SURVEY_FORM_ROUTES,
  ...BRIEF_ROUTES,
  ...PROSPECT_ROUTES,
  ...REPORT_ROUTES,
  ...JOURNEY_REPORT_ROUTES,
  ...DOSSIER_ROUTES,
];
