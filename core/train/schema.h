/* train/schema.h */
#ifndef FENCHEL_TRAIN_SCHEMA_H
#define FENCHEL_TRAIN_SCHEMA_H
#include "train/train.h"
void fenp_schema_make(fenp_run *r); /* r->series; every logged value knows its series afterwards */
#endif
