import { createLogger } from '../../runtime/log.ts';
import { handleShutdown } from '../../runtime/shutdown.ts';

const shutdown = handleShutdown({ log: createLogger('stopping', { level: 'silent' }) });
shutdown.add('pool', () => console.log('pool'));
shutdown.add('api', () => console.log('api'));
const alive = setInterval(() => undefined, 1000);
shutdown.add('timer', () => clearInterval(alive));
process.send?.('ready');
