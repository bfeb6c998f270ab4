#include "wire/host_name.h"

struct view host_name_trim(struct view name)
{
	while (name.size && name.bytes[name.size - 1] == '.')
		name.size--;
	return name;
}

struct view host_name_of(struct view text)
{
	uint8_t end = ':';
	if (text.size && text.bytes[0] == '[') {
		text = view_skip(text, 1);
		end = ']';
	}
	return host_name_trim(view_split(&text, end));
}
