import { idFromSuffix, idSuffix, newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import type { SubjectKind } from '../../db/queries/subject.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';

const AT = '2026-01-01T00:00:00Z';

/** One row of everything that a path can name, the partner's where it can be; ids by kind. */
export async function insertSubjects(
  pool: Pool,
  programId: string,
  partnerId: string,
): Promise<Record<SubjectKind, string>> {
  return inTransaction(pool, programId, async (tx) => {
    const insert = inserter(tx);
    const one = async (table: string) => {
      const { rows } = await tx.query<{ id: string }>(`select id from ${table} order by id limit 1`);
      return rows[0]!.id;
    };
    const template = await one('contract_template');
    const policy = await one('attribution_policy');
    const contract = await insert('contract', 'contract', {
      partner_id: partnerId,
      round: 1,
      template_id: template,
      state: 'offered',
    });
    const task = await insert('task', 'task', {
      kind: 'application.decision',
      workflow_id: 'partner/x',
      workflow_key: 'k',
      partner_id: partnerId,
      subject_type: 'partner',
      subject_id: partnerId,
      role: 'partner_manager',
      outcomes: ['approve', 'decline', 'waitlist'],
      data: {},
      opened_at: AT,
    });
    const window = await insert('attribution_window', 'window', {
      partner_id: partnerId,
      no: 1,
      from_at: AT,
      to_at: '2026-02-01T00:00:00Z',
      locks_at: '2026-03-01T00:00:00Z',
      statement_at: '2026-03-01T00:00:00Z',
      pay_at: '2026-03-20T00:00:00Z',
      time_zone: 'UTC',
      currency: 'EUR',
    });
    const statement = await insert('statement', 'statement', {
      partner_id: partnerId,
      window_id: window,
      kind: 'regular',
      currency: 'EUR',
      carry_in_minor: 0,
      carry_in_gross_minor: 0,
      net_minor: 100,
      vat_mode: 'none',
      vat_rate_bps: 0,
      vat_minor: 0,
      gross_minor: 100,
      amount_minor: 100,
      carry_out_minor: 0,
      carry_out_gross_minor: 0,
      state: 'drawn',
      drawn_at: AT,
      expected_pay_at: '2026-03-20T00:00:00Z',
    });
    const study = await insert('study', 'study', {
      policy_id: policy,
      from_at: AT,
      to_at: '2026-02-01T00:00:00Z',
      state: 'done',
      requested_by: 'per_x',
      conversions: 0,
      total: 0,
    });
    return {
      partner: partnerId,
      contract,
      'contract template': template,
      task,
      content: await insert('content', 'content', {
        partner_id: partnerId,
        title: 'T',
        kind: 'post',
        platform: 'p',
        state: 'in_review',
        workflow_id: 'c',
      }),
      asset: await insert('asset', 'asset', { name: 'A', kind: 'banner' }),
      'training module': await one('training_module'),
      link: await insert('link', 'link', {
        partner_id: partnerId,
        code: idSuffix(newId('link')),
        destination: 'https://shop.example/',
      }),
      conversion: await insert('conversion', 'conversion', {
        external_id: 'x-1',
        digest: Buffer.from('00', 'hex'),
        type: 'purchase',
        value_minor: 100,
        currency: 'EUR',
        occurred_at: AT,
        received_at: AT,
      }),
      'identity merge': await insert('identity_merge', 'identity', {
        a_id: await insert('identity', 'identity', { kind: 'visitor', value: 'v', component_id: 'idn_x' }),
        b_id: await insert('identity', 'identity', { kind: 'customer', value: 'c', component_id: 'idn_x' }),
        cause: 'conversion/cnv_x',
        occurred_at: AT,
        received_at: AT,
      }),
      policy,
      study,
      evaluation: await insert('evaluation', 'evaluation', {
        policy_id: policy,
        study_id: study,
        from_at: AT,
        to_at: '2026-02-01T00:00:00Z',
        downward: 'waive',
        requested_by: 'per_x',
      }),
      commission: await insert('commission', 'commission', {
        partner_id: partnerId,
        revision: 1,
        kind: 'manual',
        amount_minor: 0,
        currency: 'EUR',
        total_after_minor: 0,
        window_id: window,
        payable_from: AT,
        epoch: 0,
      }),
      hold: await insert('hold', 'hold', { partner_id: partnerId, reason: 'r', placed_by: 'per_x', placed_at: AT }),
      statement,
      payout: await insert('payout', 'payout', {
        partner_id: partnerId,
        statement_id: statement,
        amount_minor: 100,
        currency: 'EUR',
        state: 'approved',
        provider: 'sandbox',
        details_id: 'pdt_x',
        details_hash: 'h',
      }),
      adjustment: await insert('adjustment', 'adjustment', {
        partner_id: partnerId,
        amount_minor: 100,
        currency: 'EUR',
        reason: 'r',
        requested_by: 'per_x',
      }),
      feedback: await insert('feedback', 'feedback', {
        partner_id: partnerId,
        kind: 'idea',
        state: 'open',
        workflow_id: 'f',
        opened_at: AT,
      }),
      survey: await insert('survey', 'survey', {
        title: 'S',
        questions: JSON.stringify([]),
        link_hash: 'h',
        created_by: 'per_x',
      }),
      brief: await insert('brief', 'brief', {
        name: 'B',
        weights: { type: {}, channel: {}, vertical: {}, market: {} },
        created_by: 'per_x',
      }),
      prospect: await insert('prospect', 'prospect', { name: 'P', type: 'creator', country: 'DE' }),
      person: await one('app_user'),
      'API key': await insert('api_key', 'apiKey', {
        name: 'K',
        role: 'partner',
        partner_id: partnerId,
        secret_hash: 'h',
      }),
      site: await insert('site', 'site', { name: 'S', origins: ['https://shop.example'], created_by: 'per_x' }),
      webhook: await insert('webhook_endpoint', 'webhook', { url: 'https://hook.example/', events: [], secret: 's' }),
      import: await insert('import', 'import', { kind: 'partners', format: 'csv', created_by: 'per_x' }),
    };
  });
}

function inserter(tx: Tx) {
  return async (
    table: string,
    kind: Parameters<typeof newId>[0],
    columns: Record<string, unknown>,
  ): Promise<string> => {
    const id = idFromSuffix(kind, idSuffix(newId(kind)));
    const names = ['program_id', 'id', ...Object.keys(columns)];
    const places = names.map((_, index) => `$${index + 1}`);
    await tx.query(`insert into ${table} (${names.join(', ')}) values (${places.join(', ')})`, [
      tx.programId,
      id,
      ...Object.values(columns),
    ]);
    return id;
  };
}
