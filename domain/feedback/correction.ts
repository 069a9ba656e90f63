/** What may come with the decision on a case: the order to correct, and how. */
export interface OrderCorrection {
  message?: string;
  /** The case's own order when absent. */
  conversionId?: string;
  voidTouchpointId?: string;
  addTouchpoint?: { channel: string; kind: string; occurredAt: string };
}

/** Whether a decision corrects an order at all: who may decide it, and what it does, go by the same answer. */
export function correctsOrder(data: OrderCorrection | undefined): data is OrderCorrection {
  return Boolean(data?.voidTouchpointId) || Boolean(data?.addTouchpoint);
}
