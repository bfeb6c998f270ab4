#include "scan/collected.h"

const struct collected_format collected_formats[] = {
	{"cyclonedx", "CycloneDX bill of materials, JSON: components and services",
         collected_probe_cyclonedx, collected_read_cyclonedx},
	{"cyclonedx-xml", "CycloneDX bill of materials, XML of versions 1.0 to 1.7",
         collected_probe_cyclonedx_xml, collected_read_cyclonedx_xml},
	{"spdx", "SPDX bill of materials, JSON of version 2 or 3", collected_probe_spdx,
         collected_read_spdx},
	{"spdx-yaml", "SPDX bill of materials, YAML of version 2", collected_probe_spdx_yaml,
         collected_read_spdx_yaml},
	{"spdx-rdf", "SPDX bill of materials, RDF/XML of version 2", collected_probe_spdx_rdf,
         collected_read_spdx_rdf},
	{"spdx-xml", "SPDX bill of materials, XML of version 2", collected_probe_spdx_xml,
         collected_read_spdx_xml},
	{"spdx-tag-value", "SPDX bill of materials, tag-value", collected_probe_spdx_lines,
         collected_read_spdx_lines},
	{"osquery",
         "osquery results and snapshots, and what osqueryi --json prints: apps, programs, packages, extensions, "
         "processes",
         collected_probe_osquery, collected_read_osquery},
	{"wazuh",
         "Wazuh inventory: answers of its API, states of its index, events of syscollector",
         collected_probe_wazuh, collected_read_wazuh},
	{"applications-json",
         "applications of devices as JSON, by the names of members: Jamf, Intune (Graph), cfgutil",
         collected_probe_applications, collected_read_applications},
	{"android-packages", "what `pm list packages` prints, with -f or without",
         collected_probe_android, collected_read_android},
	{"applications-csv",
         "applications of devices as CSV, by the titles of columns: Intune, Jamf, ideviceinstaller, others",
         collected_probe_csv, collected_read_csv},
	{0},
};

const struct collected_format *collected_format_find(struct view first)
{
	const struct collected_format *best = NULL;
	int sure = 0;
	if (view_starts_with(first, view_text("\xef\xbb\xbf")))
		first = view_skip(first, 3);
	/* all are text; of UTF-16 without a mark the titles would be known, and no value */
	if (first.size && memchr(first.bytes, 0, first.size))
		return NULL;
	for (const struct collected_format *f = collected_formats; f->name; f++) {
		int own = f->probe(first);
		if (own > sure) {
			sure = own;
			best = f;
		}
	}
	return best;
}

int collected_feed(const struct collected_input *in, int (*feed)(void *context, struct view block),
                   void *context)
{
	struct view block;
	int code = in->next(in->context, &block);
	while (code == OK && block.size) {
		code = feed(context, block);
		if (code == OK)
			code = in->next(in->context, &block);
	}
	return code;
}
