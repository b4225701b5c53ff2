/* base/pool.h: threads that share the parts of one step. Parts are cut by shape, threads only choose who computes them, so no
 * result depends on their number. They spin inside a run and sleep when idle for milliseconds. */
#ifndef FENCHEL_BASE_POOL_H
#define FENCHEL_BASE_POOL_H
typedef void (*fenp_part)(const void *context, int part);
void fenp_pool_start(int threads);            /* the caller counts as one; 1: none are made */
void fenp_pool_stop(void);
int  fenp_pool_threads(void);
int  fenp_pool_cores(void);                   /* physical cores that affinity and the cgroup quota allow, 1 to 16 */
void fenp_pool_run(fenp_part run, const void *context, int parts);   /* returns when all parts are done */
#endif
