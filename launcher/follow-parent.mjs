// @ts-check
// Loaded ahead of the node by the launcher: when the launcher is gone, even by kill -9, the node stops as if asked to.
import { followParent } from './run.mjs'

followParent(() => process.kill(process.pid, 'SIGTERM'))
