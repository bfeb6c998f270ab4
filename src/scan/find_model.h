/* find_model.h - the finders of models: weights and what lies beside them, by content; stores of models, by path.
 *
 * Each is given one file or folder that its patterns match (scan/finder.h). */
#pragma once

#include "scan/scan.h"

/* Any file whose first bytes are those of a model's file. */
void find_model_file(struct scan *s, struct scan_file *f);
/* Folders of Hugging Face, ModelScope, LM Studio and text-generation-webui, whose paths say which model. */
void find_model_folder(struct scan *s, struct scan_file *f);
/* Manifests of Ollama, whose paths say which model. */
void find_ollama(struct scan *s, struct scan_file *f);
/* A Modelfile of Ollama. */
void find_modelfile(struct scan *s, struct scan_file *f);

/* Asks for what the head of a model's file says, as a finding at `f`; `by` is who has loaded it, or NULL.
 * ERR_TRUNCATED: more bytes would tell more. ERR_INVALID: it is none. */
int find_model_in_head(struct scan *s, const struct scan_file *f, struct view head,
                       const char *by) must_check;
