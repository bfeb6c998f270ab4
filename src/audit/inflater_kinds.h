/* inflater_kinds.h - the rows of inflater_kinds[], for inflater.c only. */
#pragma once

#include "audit/inflater.h"

int inflater_gz_open(void **ret) must_check;
int inflater_gz_step(void *state, struct view *in, uint8_t **room, size_t *left,
                     bool *ret_is_end) must_check;
void inflater_gz_close(void *state);

int inflater_zst_open(void **ret) must_check;
int inflater_zst_step(void *state, struct view *in, uint8_t **room, size_t *left,
                      bool *ret_is_end) must_check;
void inflater_zst_close(void *state);

int inflater_xz_open(void **ret) must_check;
int inflater_xz_step(void *state, struct view *in, uint8_t **room, size_t *left,
                     bool *ret_is_end) must_check;
void inflater_xz_close(void *state);

int inflater_utf16_open(void **ret) must_check;
int inflater_utf16_big_open(void **ret) must_check;
int inflater_utf16_step(void *state, struct view *in, uint8_t **room, size_t *left,
                        bool *ret_is_end) must_check;
void inflater_utf16_close(void *state);
