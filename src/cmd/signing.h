/* signing.h - signs a policy image with a key file of the evidence log's form. */
#pragma once

#include <stddef.h>

/* Returns 0, or an exit status after it said on stderr what is wrong. */
int sign_image(const char *key_file, void *image, size_t size);
