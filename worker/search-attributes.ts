import type { Connection } from '@temporalio/client';

/** What operators can search runs by in Temporal's own UI; workflows set them (workflows/waiting.ts). */
const NAMES = ['ProgramId', 'PartnerId', 'Stage', 'WaitingFor'];
/** `temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD` */
const KEYWORD = 2;
/** gRPC's status code. */
const ALREADY_EXISTS = 6;

/**
 * Registers the search attributes, because a workflow that sets an unknown one cannot go on.
 * @throws the server's error when this account may not do so; an operator then registers them once (docs/operating.md)
 */
export async function registerSearchAttributes(
  { operatorService }: Pick<Connection, 'operatorService'>,
  namespace: string,
): Promise<void> {
  for (const name of NAMES) {
    try {
      await operatorService.addSearchAttributes({ namespace, searchAttributes: { [name]: KEYWORD } });
    } catch (error) {
      if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error;
    }
  }
}
