#include "scan/collected_xml.h"

#include "scan/xml_head.h"

static int feed(void *context, struct view block)
{
	return xml_stream_feed(context, block);
}

static int feed_all(struct xml_stream *xml, const struct collected_input *in)
{
	int code = collected_feed(in, feed, xml);
	return code == OK ? xml_stream_end(xml) : code;
}

int collected_xml_read(const struct xml_handlers *handlers, void *context,
                       const struct collected_input *in, struct collected_count *count)
{
	struct xml_stream *xml;
	struct xml_head head;
	bool is_changed = xml_head_read(in->first, &head) && head.says_utf16;
	int code = xml_stream_new(handlers, context, is_changed ? "UTF-8" : NULL, &xml);
	if (code == ERR_DENIED)
		count->why = "there is no libexpat to read it";
	if (code < 0)
		return code;
	code = feed_all(xml, in);
	struct xml_place place = xml_stream_place(xml);
	count->why = place.why;
	count->line = place.line;
	count->column = place.column;
	xml_stream_free(xml);
	return code;
}
