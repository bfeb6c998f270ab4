/* log_judge.h - what a line says, asked of the policy. */
#pragma once

#include "audit/log_record.h"
#include "audit/reader.h"

/* Adds a sighting where an identifier matches; `at` is the line's number. */
int log_judge(const struct audit_context *context, const struct log_record *r) must_check;
