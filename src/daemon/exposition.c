#include "daemon/exposition.h"

static void add_escaped(struct buffer *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\n')
			buffer_add_text(out, "\\n");
		else if (*text == '\\' || *text == *special)
			buffer_printf(out, "\\%c", *text);
		else
			buffer_add(out, text, 1);
	}
}

void exposition_family(struct buffer *out, const char *name, const char *type, const char *help)
{
	buffer_printf(out, "# HELP %s ", name);
	add_escaped(out, help, "");
	buffer_printf(out, "\n# TYPE %s %s\n", name, type);
}

static void add_name(struct buffer *out, const char *name, const struct exposition_label *labels)
{
	buffer_add_text(out, name);
	for (const struct exposition_label *l = labels; l && l->name; l++) {
		buffer_printf(out, "%s%s=\"", l == labels ? "{" : ",", l->name);
		add_escaped(out, l->value, "\"");
		buffer_add_text(out, "\"");
	}
	buffer_add_text(out, labels && labels->name ? "} " : " ");
}

void exposition_sample(struct buffer *out, const char *name, const struct exposition_label *labels,
                       uint64_t value)
{
	add_name(out, name, labels);
	buffer_printf(out, "%llu\n", (unsigned long long)value);
}

void exposition_seconds(struct buffer *out, const char *name, const struct exposition_label *labels,
                        int64_t value_us)
{
	add_name(out, name, labels);
	buffer_printf(out, "%lld.%06lld\n", (long long)(value_us / 1000000),
	              (long long)(value_us % 1000000));
}
