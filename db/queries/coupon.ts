import { DomainError } from '../../domain/errors.ts';
import { newId } from '../ids.ts';
import { brokenConstraint } from '../transaction.ts';
import type { Tx } from '../transaction.ts';

export interface Coupon {
  id: string;
  partnerId: string;
  code: string;
  contentId: string | null;
  createdAt: string;
}

const COLUMNS = `id, partner_id as "partnerId", code, content_id as "contentId", created_at as "createdAt"`;

/** Gives a partner a coupon code; upper and lower case are one. @throws DomainError `duplicate` when the code is taken */
export async function insertCoupon(
  tx: Tx,
  coupon: { id?: string; partnerId: string; code: string; contentId?: string | null },
): Promise<Coupon> {
  try {
    const { rows } = await tx.query<Coupon>(
      `insert into coupon (program_id, id, partner_id, code, content_id) values ($1, $2, $3, $4, $5) returning ${COLUMNS}`,
      [tx.programId, coupon.id ?? newId('coupon'), coupon.partnerId, coupon.code, coupon.contentId ?? null],
    );
    return rows[0]!;
  } catch (error) {
    if (brokenConstraint(error) !== 'coupon_code_is_unique') throw error;
    throw new DomainError('duplicate', `The coupon "${coupon.code}" is taken. Choose another code.`, {
      errors: [{ path: 'code', message: 'Choose another code.' }],
    });
  }
}

export async function listCoupons(
  tx: Tx,
  filter: { partnerId?: string; afterId?: string; limit: number },
): Promise<Coupon[]> {
  const { rows } = await tx.query<Coupon>(
    `select ${COLUMNS} from coupon
     where program_id = $1 and ($2::text is null or partner_id = $2) and ($3::text is null or id > $3)
     order by id
     limit $4`,
    [tx.programId, filter.partnerId ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}
