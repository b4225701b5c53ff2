/* train/folder.h: the run's folder. */
#ifndef FENCHEL_TRAIN_FOLDER_H
#define FENCHEL_TRAIN_FOLDER_H
#include "train/train.h"
int fenp_folder_hold(const char *folder, fenp_faults *faults); /* run.lock, held until it is closed; -1: recorded, -2: another process holds it */
bool fenp_folder_lock(fenp_run *r);  /* makes the folder; false: it cannot be written, or another run holds it */
bool fenp_folder_free(fenp_run *r);  /* false: a run is there already, and that was said */
void fenp_folder_clear(fenp_run *r); /* --overwrite: the files of a run are removed, nothing else */
bool fenp_folder_parts(fenp_run *r); /* the folders in it */
bool fenp_folder_make(fenp_run *r);
#endif
