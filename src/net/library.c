#include "net/library.h"

#include <dlfcn.h>
#include <string.h>

int library_open(const char *name, const struct library_symbol *symbols, size_t count,
                 void *functions)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return ERR_MISSING;
	for (size_t i = 0; i < count; i++) {
		void *function = dlsym(library, symbols[i].name);
		if (!function)
			return ERR_VERSION;
		memcpy((char *)functions + symbols[i].offset, &function, sizeof(function));
	}
	return OK;
}
