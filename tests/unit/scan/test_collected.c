/* What others collected: a sample of each format is told by its content, and gives what it lists. */
#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "scan/collected.h"
#include "scan/collected_graph.h"
#include "scan/json_record.h"
#include "scan/purl.h"
#include "scan/xml_stream.h"
#include "tests/test.h"

static void add_field(struct buffer *out, const char *name, struct view value)
{
	if (value.size == 0)
		return;
	buffer_add_text(out, name);
	buffer_add_view(out, value);
}

static int write_item(void *context, const struct collected_item *i)
{
	static const char *const kinds[] = {"package", "app",   "extension",
	                                    "process", "model", "address"};
	struct buffer *out = context;
	buffer_add_text(out, kinds[i->kind]);
	add_field(out, " ", i->registry);
	add_field(out, " id=", i->id);
	if (!view_equal(i->id, i->name))
		add_field(out, " name=", i->name);
	add_field(out, " v=", i->version);
	add_field(out, " at=", i->path);
	add_field(out, " by=", i->publisher);
	add_field(out, " on=", i->machine);
	buffer_add_text(out, "\n");
	return OK;
}

struct blocks {
	struct view rest;
	size_t size;
};

static int next(void *context, struct view *ret)
{
	struct blocks *b = context;
	*ret = view_of(b->rest.bytes, b->rest.size < b->size ? b->rest.size : b->size);
	b->rest = view_skip(b->rest, ret->size);
	return OK;
}

static int read_all(const struct collected_format *f, struct view file, size_t block,
                    struct buffer *out, struct collected_count *count)
{
	struct blocks b = {file, block};
	const struct collected_input in = {file, next, &b};
	*count = (struct collected_count){0};
	return f->read(&in, write_item, out, count);
}

static void expect(const char *file, const char *format, const char *items)
{
	const struct collected_format *f = collected_format_find(view_text(file));
	static const size_t blocks[] = {1, 7, 100, 1 << 16};
	struct collected_count count;
	assert_non_null(f);
	assert_string_equal(f->name, format);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		struct buffer out = {0};
		assert_int_equal(read_all(f, view_text(file), blocks[i], &out, &count), OK);
		buffer_add(&out, "", 1);
		assert_string_equal((const char *)out.bytes, items);
		buffer_done(&out);
	}
}

static void results_of_osquery_are_read(void **state)
{
	(void)state;
	expect("{\"name\":\"pack_inv_npm_packages\",\"hostIdentifier\":\"pc-1\",\"calendarTime\":\"x\","
	       "\"columns\":{\"name\":\"@deepseek-ai/dsh\",\"version\":\"0.1\",\"path\":\"/opt/a/package.json\"},"
	       "\"action\":\"added\"}\n"
	       "{\"name\":\"pack_inv_npm_packages\",\"hostIdentifier\":\"pc-1\","
	       "\"columns\":{\"name\":\"left-pad\"},\"action\":\"removed\"}\n"
	       "{\"snapshot\":[{\"name\":\"X.app\",\"bundle_identifier\":\"com.x\",\"path\":\"/Applications/X.app\"}],"
	       "\"action\":\"snapshot\",\"name\":\"apps\",\"hostIdentifier\":\"mac-2\"}\n",
	       "osquery",
	       "package npm id=@deepseek-ai/dsh v=0.1 at=/opt/a/package.json on=pc-1\n"
	       "app id=com.x name=X.app at=/Applications/X.app\n");
}

static void tables_that_osqueryi_prints_are_told_by_their_columns(void **state)
{
	(void)state;
	expect("[{\"name\":\"DeepSeek Harness\",\"version\":\"1\",\"install_location\":\"C:\\\\x\",\"publisher\":\"P\"}]",
	       "osquery", "app id=DeepSeek Harness v=1 at=C:\\x by=P\n");
	expect("[{\"browser_type\":\"chrome\",\"identifier\":\"abc\",\"name\":\"N\",\"path\":\"/p\"},\n"
	       " {\"pid\":\"1\",\"name\":\"dsh\",\"path\":\"/usr/bin/dsh\",\"cmdline\":\"dsh --key sk-1\","
	       "\"install_location\":\"\"}]",
	       "osquery", "extension id=abc name=N at=/p\nprocess id=dsh at=/usr/bin/dsh\n");
}

static void inventories_of_wazuh_are_read(void **state)
{
	(void)state;
	expect("{\"data\":{\"affected_items\":[{\"name\":\"openai\",\"format\":\"pypi\",\"version\":\"1\","
	       "\"agent_id\":\"003\"}]}}",
	       "wazuh", "package pypi id=openai v=1 on=003\n");
	expect("{\"hits\":{\"hits\":[{\"_index\":\"wazuh-states-inventory-packages-x\",\"_source\":{\"agent\":{\"name\":"
	       "\"pc\"},\"package\":{\"name\":\"dsh\",\"type\":\"npm\",\"version\":\"2\"}}}]}}",
	       "wazuh", "package npm id=dsh v=2 on=pc\n");
	expect("{\"agent\":{\"name\":\"pc\"},\"data\":{\"type\":\"dbsync_packages\",\"program\":{\"name\":\"x\","
	       "\"format\":\"deb\"}}}\n",
	       "wazuh", "package deb id=x on=pc\n");
}

static const char bill_items[] = "model id=deepseek-ai/DeepSeek-R1 name=DeepSeek-R1 on=shop\n"
				 "package npm id=@deepseek-ai/dsh name=dsh v=1.2 on=shop\n"
				 "app id=App v=3 on=shop\n"
				 "address id=https://a.example name=in on=shop\n"
				 "address id=https://gate.example/v1 name=llm on=shop\n"
				 "address id=https://api.deepseek.com/v1 name=llm on=shop\n"
				 "address id=7 name=llm on=shop\n"
				 "app id=shop\n";

static void components_of_cyclonedx_are_read(void **state)
{
	(void)state;
	expect("{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"component\":{\"name\":\"shop\",\"type\":\"application\"}},"
	       "\"components\":[{\"type\":\"library\",\"name\":\"dsh\",\"purl\":\"pkg:npm/%40deepseek-ai/dsh@1.2?x=y\","
	       "\"components\":[{\"type\":\"machine-learning-model\",\"group\":\"deepseek-ai\",\"name\":\"DeepSeek-R1\"}]},"
	       "{\"type\":\"application\",\"name\":\"App\",\"version\":\"3\"}],"
	       "\"services\":[{\"name\":\"llm\",\"endpoints\":[\"https://gate.example/v1\",\"https://api.deepseek.com/v1\",[\"x\"],7],"
	       "\"services\":[{\"name\":\"in\",\"tags\":[\"a\",\"b\"],\"endpoints\":[\"https://a.example\"]}]},"
	       "{\"name\":\"none\",\"endpoints\":[]}]}",
	       "cyclonedx", bill_items);
}

/* Elements with P: for the prefix, or nothing. */
static void expect_bill(const char *root, const char *prefix)
{
	static const char inner[] =
		"<P:metadata><P:timestamp>2026-01-01T00:00:00Z</P:timestamp><P:component type=\"application\" bom-ref=\"r\">"
		"<P:name>shop</P:name></P:component></P:metadata>\n"
		"<P:components><P:component type=\"library\"><P:supplier><P:name>other</P:name></P:supplier>"
		"<P:name>dsh</P:name><P:version>9</P:version><P:purl>\n pkg:npm/%40deepseek-ai/dsh@1.2?x=y&amp;z=1 </P:purl>"
		"<P:pedigree><P:ancestors><P:component type=\"library\"><P:name>older</P:name></P:component></P:ancestors></P:pedigree>"
		"<P:components><P:component type=\"machine-learning-model\"><P:group>deepseek-ai</P:group>"
		"<P:name>Deep<!-- x --><![CDATA[Seek]]>&#45;R1</P:name><P:modelCard><P:modelParameters><P:task>x</P:task>"
		"</P:modelParameters></P:modelCard></P:component></P:components></P:component>"
		"<P:component type=\"application\"><P:name>App</P:name><P:version>3</P:version>"
		"<e:ext xmlns:e=\"urn:e\"><e:name>no</e:name><e:purl>pkg:npm/no@1</e:purl></e:ext></P:component></P:components>"
		"<P:services><P:service><P:provider><P:name>no</P:name></P:provider><P:name>llm</P:name><P:endpoints>"
		"<P:endpoint>https://gate.example/v1</P:endpoint><P:endpoint>https://api.deepseek.com/v1</P:endpoint>"
		"<P:endpoint>7</P:endpoint></P:endpoints><P:services><P:service><P:name>in</P:name><P:endpoints>"
		"<P:endpoint>https://a.example</P:endpoint></P:endpoints></P:service></P:services></P:service>"
		"<P:service><P:name>none</P:name><P:endpoints/></P:service></P:services></P:bom>\n";
	struct buffer out = {0};
	buffer_add_text(&out, root);
	for (const char *c = inner; *c; c++) {
		bool is_prefix = strncmp(c, "P:", 2) == 0;
		if (is_prefix)
			buffer_add_text(&out, prefix);
		else
			buffer_add(&out, c, 1);
		c += is_prefix;
	}
	buffer_add(&out, "", 1);
	expect((const char *)out.bytes, "cyclonedx-xml", bill_items);
	buffer_done(&out);
}

static void xml_of_cyclonedx_is_the_same_bill(void **state)
{
	(void)state;
	expect_bill("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- a > b -->\n"
	            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\" version=\"1\">",
	            "");
	expect_bill("<c:bom xmlns:c=\"http://cyclonedx.org/schema/bom/1.7\">", "c:");
	expect_bill("<!DOCTYPE bom><bom xmlns='http://cyclonedx.org/schema/bom/1.0'>", "");
	/* in this form since it was changed on the way */
	expect_bill("<?xml version=\"1.0\" encoding='UTF-16'?>"
	            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\">",
	            "");
}

static void components_anywhere_in_xml_are_read_as_in_json(void **state)
{
	(void)state;
	expect("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\"><metadata><tools><components>"
	       "<component type=\"application\"><name>tool</name></component></components></tools></metadata>"
	       "<formulation><formula><components><component type=\"library\"><purl>pkg:pypi/openai@1</purl>"
	       "</component></components></formula></formulation></bom>",
	       "cyclonedx-xml", "app id=tool\npackage pypi id=openai v=1\n");
	expect("{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"tools\":{\"components\":["
	       "{\"type\":\"application\",\"name\":\"tool\"}]}},\"formulation\":[{\"components\":["
	       "{\"type\":\"library\",\"purl\":\"pkg:pypi/openai@1\"}]}]}",
	       "cyclonedx", "app id=tool\npackage pypi id=openai v=1\n");
}

#define BOM "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\">"

static void an_error_in_xml_has_a_place(void **state)
{
	static const struct {
		const char *text;
		int code;
		uint64_t line, column;
	} files[] = {
		{BOM "\n<components>\n  <component></name>", ERR_MALFORMED, 3, 16},
		{BOM "\n<components>", ERR_TRUNCATED, 2, 13},
		{BOM "\n&unknown;</bom>", ERR_MALFORMED, 2, 1},
		{BOM "</bom>\n<bom/>", ERR_MALFORMED, 2, 1},
		{"<!DOCTYPE bom [\n<!ENTITY a \"x\"><!ENTITY b \"&a;&a;&a;\">]>\n" BOM "&b;</bom>",
	         ERR_MALFORMED, 1, 1},
		{"<!DOCTYPE bom [\n<!ENTITY a SYSTEM \"file:///etc/passwd\"> ] >\n" BOM "&a;</bom>",
	         ERR_MALFORMED, 1, 1},
		{"<!DOCTYPE bom SYSTEM \"bom.dtd\">\n" BOM "&a;</bom>", ERR_MALFORMED, 1, 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct view file = view_text(files[i].text);
		struct buffer out = {0};
		struct collected_count count;
		const struct collected_format *f = collected_format_find(file);
		assert_non_null(f);
		assert_string_equal(f->name, "cyclonedx-xml");
		for (size_t block = 1; block < 64; block += 21) {
			assert_int_equal(read_all(f, file, block, &out, &count), files[i].code);
			assert_non_null(count.why);
			assert_int_equal(count.line, files[i].line);
			if (i < 4)
				assert_int_equal(count.column, files[i].column);
		}
		buffer_done(&out);
	}
}

static void deep_and_long_xml_ends_at_a_limit(void **state)
{
	const struct collected_format *f = collected_format_find(view_text(BOM "</bom>"));
	struct buffer deep = {0}, out = {0};
	struct collected_count count;
	(void)state;
	buffer_add_text(&deep, BOM);
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		buffer_add_text(&deep, "<x>");
	assert_int_equal(read_all(f, buffer_view(&deep), 100, &out, &count), ERR_LIMIT);
	deep.size = 0;
	buffer_add_text(&deep, BOM);
	for (int i = 0; i < JSON_RECORD_DEPTH_MAX / 2; i++)
		buffer_add_text(&deep, "<components><component>");
	assert_int_equal(read_all(f, buffer_view(&deep), 100, &out, &count), ERR_LIMIT);
	buffer_done(&deep);
	buffer_done(&out);
}

static void packages_of_spdx_are_read(void **state)
{
	(void)state;
	expect("{\"spdxVersion\":\"SPDX-2.3\",\"name\":\"doc\",\"packages\":[{\"name\":\"oai\",\"versionInfo\":\"1\","
	       "\"externalRefs\":[{\"referenceType\":\"cpe23Type\",\"referenceLocator\":\"cpe:2.3:a:x:y\"},"
	       "{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:pypi/openai@1\"},"
	       "{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:npm/openai@2\"}]}]}",
	       "spdx",
	       "package pypi id=openai name=oai v=1\npackage npm id=openai name=oai v=2\n"
	       "package id=oai v=1\n");
	expect("{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"openai\",\"externalRefs\":["
	       "{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:npm/openai@2\"}]},{\"name\":\"x\"}]}",
	       "spdx", "package npm id=openai v=2\npackage id=x\n");
	expect("{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\",\"@graph\":[{\"type\":"
	       "\"software_Package\",\"name\":\"oai\",\"externalIdentifier\":[{\"externalIdentifierType\":\"cpe23\","
	       "\"identifier\":\"cpe:2.3:a:x:y\"},{\"externalIdentifierType\":\"packageUrl\","
	       "\"identifier\":\"pkg:pypi/openai@1\"}]}]}",
	       "spdx", "package pypi id=openai name=oai v=1\npackage id=oai\n");
	expect("{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\",\"@graph\":[{\"type\":\"ai_AIPackage\","
	       "\"name\":\"deepseek-ai/DeepSeek-V3\"},{\"type\":\"Person\",\"name\":\"x\"}]}",
	       "spdx", "model id=deepseek-ai/DeepSeek-V3\n");
	expect("SPDXVersion: SPDX-2.3\nExternalRef: PACKAGE-MANAGER purl pkg:npm/alone@1\nPackageName: a\n"
	       "PackageComment: <text>\nPackageName: no\n</text>\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\n"
	       "PackageName: b\nPackageVersion: 2\nExternalRef: SECURITY cpe23Type cpe:2.3:a:x:y\n"
	       "ExternalRef: PACKAGE_MANAGER purl  pkg:pypi/c@3\nPackageComment: <text>one line</text>\nPackageName: d\n",
	       "spdx-tag-value",
	       "package npm id=alone v=1\npackage npm id=a v=1\npackage pypi id=c name=b v=3\npackage id=b v=2\npackage id=d\n");
}

static void packages_of_spdx_in_yaml_are_those_of_json(void **state)
{
	(void)state;
	expect("# a\n---\nSPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.3\nname: doc\npackages:\n"
	       "- externalRefs:\n  - referenceLocator: cpe:2.3:a:x:y\n  - {referenceLocator: 'pkg:pypi/openai@1'}\n"
	       "  - referenceLocator: \"pkg:npm/%40a/b@2\"\n  name: oai\n  versionInfo: 1.10\n"
	       "- name: |-\n    x\n  versionInfo: ~\n- ? [a, b]\n  : {name: no}\n  name: y\n",
	       "spdx-yaml",
	       "package pypi id=openai name=oai v=1\npackage npm id=@a/b name=oai v=2\n"
	       "package id=oai v=1.10\npackage id=x\npackage id=y\n");
	expect("\"spdxVersion\": \"SPDX-2.2\"\n\"packages\": [{name: a, externalRefs: [{referenceLocator: \"pkg:npm/a@1\"}]}]\n",
	       "spdx-yaml", "package npm id=a v=1\n");
}

static void packages_of_spdx_in_xml_are_those_of_json(void **state)
{
	(void)state;
	expect("<?xml version='1.0'?>\n<Document><SPDXID>SPDXRef-DOCUMENT</SPDXID><name>doc</name><packages><SPDXID>a</SPDXID>"
	       "<checksums><name>no</name></checksums><externalRefs><referenceLocator>pkg:pypi/openai@1</referenceLocator></externalRefs>"
	       "<externalRefs><referenceLocator>pkg:npm/openai@2</referenceLocator></externalRefs><name>oai</name>"
	       "<versionInfo>1</versionInfo></packages><packages><name>x &amp; y</name></packages></Document>",
	       "spdx-xml",
	       "package pypi id=openai name=oai v=1\npackage npm id=openai name=oai v=2\n"
	       "package id=oai v=1\npackage id=x & y\n");
}

#define RDF                                                                  \
	"<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"" \
	" xmlns:s=\"http://spdx.org/rdf/terms#\">\n"

static void packages_of_spdx_in_rdf_are_read_wherever_they_lie(void **state)
{
	(void)state;
	/* in one another, and members in any order */
	expect("<?xml version='1.0'?>\n" RDF
	       "<s:SpdxDocument><s:name>doc</s:name><s:relationship><s:Relationship><s:relatedSpdxElement>"
	       "<s:Package rdf:about='u#1'><s:externalRef><s:ExternalRef><s:referenceType rdf:resource='http://spdx.org/rdf/references/purl'/>"
	       "<s:referenceLocator>pkg:npm/openai@2</s:referenceLocator></s:ExternalRef></s:externalRef>"
	       "<s:relationship><s:Relationship><s:relatedSpdxElement><s:Package s:name='in'><s:versionInfo>3</s:versionInfo>"
	       "</s:Package></s:relatedSpdxElement></s:Relationship></s:relationship>"
	       "<s:supplier><s:name>no</s:name></s:supplier><s:name> openai </s:name></s:Package>"
	       "</s:relatedSpdxElement></s:Relationship></s:relationship></s:SpdxDocument></rdf:RDF>",
	       "spdx-rdf", "package npm id=openai v=2\npackage id=in v=3\n");
	/* as descriptions that refer to one another */
	expect(RDF
	       "<rdf:Description rdf:nodeID='A1'><s:referenceLocator>pkg:pypi/openai@1</s:referenceLocator>"
	       "<rdf:type rdf:resource='http://spdx.org/rdf/terms#ExternalRef'/></rdf:Description>"
	       "<rdf:Description rdf:about='u#1'><rdf:type rdf:resource='http://spdx.org/rdf/terms#Package'/>"
	       "<s:externalRef rdf:nodeID='A1'/><s:name>oai</s:name></rdf:Description>"
	       "<rdf:Description><rdf:type rdf:resource='http://spdx.org/rdf/terms#File'/><s:name>no</s:name></rdf:Description>"
	       "</rdf:RDF>",
	       "spdx-rdf", "package pypi id=openai name=oai v=1\npackage id=oai\n");
}

#define TYPE(type)    "<rdf:type rdf:resource='http://spdx.org/rdf/terms#" type "'/>"
#define LOCATOR(purl) "<s:referenceLocator>" purl "</s:referenceLocator>"

static void nodes_of_rdf_are_joined_by_their_names(void **state)
{
	static const char both[] = "package npm id=a v=1\n";
	(void)state;
	/* a reference that comes first, or last, by each kind of name */
	expect(RDF "<s:ExternalRef rdf:nodeID='r'>" LOCATOR(
		       "pkg:npm/a@1") "</s:ExternalRef>"
	                              "<s:Package rdf:about='u#p'><s:name>a</s:name><s:externalRef rdf:nodeID='r'/></s:Package></rdf:RDF>",
	       "spdx-rdf", both);
	expect(RDF "<s:Package><s:externalRef rdf:resource='#r'/><s:name>a</s:name></s:Package>"
	           "<s:ExternalRef rdf:ID='r'>" LOCATOR("pkg:npm/a@1") "</s:ExternalRef></rdf:RDF>",
	       "spdx-rdf", both);
	/* a name and an address that are written alike are two */
	expect(RDF "<s:Package><s:externalRef rdf:resource='r'/><s:name>a</s:name></s:Package>"
	           "<s:ExternalRef rdf:about='r'>" LOCATOR(
			   "pkg:npm/a@1") "</s:ExternalRef>"
	                                  "<s:ExternalRef rdf:nodeID='r'>" LOCATOR(
						  "pkg:npm/b@2") "</s:ExternalRef></rdf:RDF>",
	       "spdx-rdf", "package npm id=a v=1\npackage npm id=b v=2\n");
	/* every statement by itself, and one twice */
	expect(RDF
	       "<rdf:Description rdf:about='u#p'><s:externalRef rdf:nodeID='r'/></rdf:Description>"
	       "<rdf:Description rdf:about='u#p'><s:versionInfo>9</s:versionInfo></rdf:Description>"
	       "<rdf:Description rdf:nodeID='r'>" LOCATOR(
		       "pkg:npm/b@1") "</rdf:Description>"
	                              "<rdf:Description rdf:about='u#p'>" TYPE(
					      "Package") "</rdf:Description>"
	                                                 "<rdf:Description rdf:about='u#p'><s:externalRef rdf:nodeID='r'/></rdf:Description>"
	                                                 "<rdf:Description rdf:about='u#p'><s:name>a</s:name></rdf:Description></rdf:RDF>",
	       "spdx-rdf", "package npm id=b name=a v=1\npackage id=a v=9\n");
	/* without a type it is what only a package can be */
	expect(RDF
	       "<rdf:Description s:name='a' s:versionInfo='1'/><rdf:Description s:name='no'/>"
	       "<rdf:Description s:name='b'><s:externalRef s:referenceLocator='pkg:npm/b@1'/></rdf:Description></rdf:RDF>",
	       "spdx-rdf", "package id=a v=1\npackage npm id=b v=1\n");
	/* one reference of two packages */
	expect(RDF "<s:Package s:name='a'><s:externalRef rdf:nodeID='r'/></s:Package>"
	           "<s:Package s:name='b'><s:externalRef><s:ExternalRef rdf:nodeID='r'>" LOCATOR(
			   "pkg:npm/a@1") "</s:ExternalRef></s:externalRef></s:Package></rdf:RDF>",
	       "spdx-rdf", "package npm id=a v=1\npackage npm id=a name=b v=1\npackage id=b\n");
}

static void packages_of_rdf_may_be_written_short_or_as_what_they_are_besides(void **state)
{
	(void)state;
	expect(RDF "<s:SpdxDocument s:name='no'><s:describesPackage rdf:parseType='Resource'>" TYPE(
		       "Package") "<s:name>a</s:name></s:describesPackage></s:SpdxDocument></rdf:RDF>",
	       "spdx-rdf", "package id=a\n");
	expect(RDF
	       "<s:SpdxDocument><s:describesPackage rdf:nodeID='p' s:name='a'/></s:SpdxDocument>"
	       "<rdf:Description rdf:nodeID='p'>" TYPE("Package") "</rdf:Description></rdf:RDF>",
	       "spdx-rdf", "package id=a\n");
	expect(RDF "<s:SpdxElement s:name='a'>" TYPE("Package") "</s:SpdxElement></rdf:RDF>",
	       "spdx-rdf", "package id=a\n");
}

/* Else names could be chosen that all lie in one place. */
static void a_name_is_kept_under_another_number_each_time(void **state)
{
	struct collected_graph_id ids[2];
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct collected_graph *g;
		assert_int_equal(collected_graph_new(&g), OK);
		ids[i] = collected_graph_id(g, "_:", view_text("r"));
		collected_graph_free(g);
	}
	assert_memory_not_equal(&ids[0], &ids[1], sizeof(ids[0]));
}

static void references_of_rdf_may_be_written_short(void **state)
{
	(void)state;
	expect(RDF "<s:Package s:name='a'><s:externalRef rdf:parseType='Resource'>" LOCATOR(
		       "pkg:npm/a@1") "</s:externalRef></s:Package></rdf:RDF>",
	       "spdx-rdf", "package npm id=a v=1\n");
	expect(RDF
	       "<s:Package s:name='a'><s:externalRef s:referenceLocator='pkg:npm/a@1'/>"
	       "<s:externalRef rdf:nodeID='r' s:referenceLocator='pkg:npm/b@2'/></s:Package></rdf:RDF>",
	       "spdx-rdf", "package npm id=a v=1\npackage npm id=b name=a v=2\n");
	expect(RDF "<s:Package s:name='a'><s:externalRef><rdf:Description>" LOCATOR(
		       "pkg:npm/a@1") "</rdf:Description></s:externalRef></s:Package></rdf:RDF>",
	       "spdx-rdf", "package npm id=a v=1\n");
}

/* What of a document is counted so, with the items. */
static uint64_t not_understood(struct view file, const char *items)
{
	struct buffer out = {0};
	struct collected_count count;
	assert_int_equal(read_all(collected_format_find(file), file, 1 << 16, &out, &count), OK);
	buffer_add(&out, "", 1);
	assert_string_equal((const char *)out.bytes, items);
	buffer_done(&out);
	return count.not_understood;
}

static void a_link_of_rdf_that_leads_to_nothing_is_counted(void **state)
{
	(void)state;
	assert_int_equal(
		not_understood(
			view_text(RDF "<s:Package s:name='a'><s:externalRef rdf:nodeID='x'/>"
	                              "<s:externalRef rdf:resource='http://other.example/#y'/>"
	                              "<s:relationship rdf:resource='z'/></s:Package></rdf:RDF>"),
			"package id=a\n"),
		2);
}

static void things_of_rdf_that_bear_one_name_are_all_told_and_counted(void **state)
{
	(void)state;
	/* packages, and what they are written with again */
	assert_int_equal(
		not_understood(view_text(RDF
	                                 "<s:Package rdf:about='p' s:name='a' s:versionInfo='1'/>"
	                                 "<s:Package rdf:about='p' s:name='a' s:versionInfo='1'/>"
	                                 "<s:Package rdf:about='p'><s:versionInfo>2</s:versionInfo>"
	                                 "<s:name>b</s:name></s:Package>"
	                                 "<rdf:Description rdf:about='p' s:name='c'/></rdf:RDF>"),
	                       "package id=a v=1\npackage id=b v=2\npackage id=c\n"),
		2);
	/* references */
	assert_int_equal(
		not_understood(
			view_text(
				RDF
				"<s:Package s:name='a'><s:externalRef><s:ExternalRef rdf:nodeID='r'>" LOCATOR(
					"pkg:npm/a@1")
					LOCATOR("pkg:npm/b@2") "</s:ExternalRef></s:externalRef></s:Package></rdf:RDF>"),
			"package npm id=a v=1\npackage npm id=b v=2\n"),
		1);
}

static void add_packages(struct buffer *file, struct buffer *items, const char *package, int count)
{
	for (int i = 0; i < count; i++) {
		buffer_add_text(file, package);
		buffer_add_text(items, "package id=n\n");
	}
}

/* More than there is room for between both. */
static void expect_apart(const char *before, const char *behind, const char *items_before,
                         const char *items_behind, uint64_t count)
{
	struct buffer file = {0}, items = {0};
	buffer_add_text(&file, RDF);
	buffer_add_text(&file, before);
	buffer_add_text(&items, items_before);
	add_packages(&file, &items, "<s:x><s:Package s:name='n'/></s:x>", COLLECTED_GRAPH_NODES);
	buffer_add_text(&file, behind);
	buffer_add_text(&file, "</rdf:RDF>");
	buffer_add_text(&items, items_behind);
	buffer_add(&items, "", 1);
	assert_int_equal(not_understood(buffer_view(&file), (const char *)items.bytes), count);
	buffer_done(&items);
	buffer_done(&file);
}

static void what_of_rdf_lies_too_far_apart_to_be_joined_is_counted(void **state)
{
	(void)state;
	/* the link, and the package that was open */
	expect_apart("<s:Package s:name='first'><s:externalRef rdf:nodeID='r'/></s:Package>"
	             "<s:Package s:name='outer'>",
	             "<s:versionInfo>1</s:versionInfo></s:Package>"
	             "<s:ExternalRef rdf:nodeID='r'>" LOCATOR("pkg:npm/first@1") "</s:ExternalRef>",
	             "package id=first\npackage id=outer\n", "package npm id=first v=1\n", 2);
	/* one that was open and of which nothing more comes is whole */
	expect_apart("<s:Package s:name='a'>", "</s:Package>", "package id=a\n", "", 0);
	/* a type and a name */
	expect_apart("<rdf:Description rdf:about='p'>" TYPE("Package") "</rdf:Description>",
	             "<rdf:Description rdf:about='p' s:name='a'/>", "", "", 1);
	expect_apart("<rdf:Description rdf:about='p' s:name='a'/>",
	             "<rdf:Description rdf:about='p'>" TYPE("Package") "</rdf:Description>", "", "",
	             1);
}

/* Room is made between packages where there is a place, also behind one that used all of it. */
static void packages_of_rdf_are_whole_however_many_there_are(void **state)
{
	static const char short_one[] = "<s:x><s:Package s:name='n'/></s:x>",
			  long_one[] = "<s:Package><s:name>n</s:name></s:Package>";
	struct buffer file = {0}, items = {0};
	(void)state;
	buffer_add_text(&file, RDF "<s:Package s:name='a'>");
	buffer_add_text(&items, "package id=a v=1\n");
	add_packages(&file, &items, short_one, COLLECTED_GRAPH_NODES / 16 * 15);
	buffer_add_text(&file,
	                "<s:versionInfo>1</s:versionInfo></s:Package><s:Package s:name='b'>");
	buffer_add_text(&items, "package id=b\n");
	add_packages(&file, &items, short_one, COLLECTED_GRAPH_NODES);
	buffer_add_text(&file, "</s:Package>");
	add_packages(&file, &items, long_one, COLLECTED_GRAPH_NODES);
	buffer_add_text(&file, "</rdf:RDF>");
	buffer_add(&items, "", 1);
	assert_int_equal(not_understood(buffer_view(&file), (const char *)items.bytes), 0);
	buffer_done(&items);
	buffer_done(&file);
}

/* In a package that is open, so that all of the room is used. */
static void texts_of_rdf_that_need_more_room_than_there_is_are_told(void **state)
{
	enum { PACKAGES = 2 * COLLECTED_GRAPH_TEXTS / COLLECTED_GRAPH_TEXT_MAX };
	struct buffer file = {0}, out = {0};
	struct collected_count count;
	(void)state;
	buffer_add_text(&file, RDF "<s:Package s:name='outer'><s:x>");
	for (int i = 0; i < PACKAGES; i++) {
		buffer_add_text(&file, "<s:Package><s:name>");
		for (int k = 0; k < 600; k++)
			buffer_add_text(&file, "long name ");
		buffer_add_text(&file, "</s:name></s:Package>");
	}
	buffer_add_text(&file, "</s:x></s:Package></rdf:RDF>");
	struct view whole = buffer_view(&file);
	assert_int_equal(read_all(collected_format_find(whole), whole, 1 << 16, &out, &count), OK);
	assert_int_equal(count.items, PACKAGES + 1);
	assert_int_equal(count.not_understood, 0);
	buffer_done(&out);
	buffer_done(&file);
}

static void an_error_in_yaml_has_a_place_and_an_alias_is_counted(void **state)
{
	struct view broken =
		view_text("spdxVersion: SPDX-2.3\npackages:\n  - name: a\n - name: b\n");
	struct view alias = view_text(
		"SPDXID: x\npackages: [&p {name: a}, *p, {name: *p}, {*p : b, name: c}]\n");
	struct buffer out = {0};
	struct collected_count count;
	(void)state;
	assert_int_equal(read_all(collected_format_find(broken), broken, 5, &out, &count),
	                 ERR_MALFORMED);
	assert_int_equal(count.line, 4);
	assert_int_equal(count.column, 2);
	assert_non_null(count.why);
	out.size = 0;
	assert_int_equal(read_all(collected_format_find(alias), alias, 5, &out, &count), OK);
	buffer_add(&out, "", 1);
	assert_string_equal((const char *)out.bytes, "package id=a\npackage id=c\n");
	assert_int_equal(count.not_understood, 3);
	buffer_done(&out);
}

static void deep_and_long_yaml_ends_at_a_limit(void **state)
{
	const struct collected_format *f = collected_format_find(view_text("spdxVersion: x\n"));
	struct buffer file = {0}, out = {0};
	struct collected_count count;
	(void)state;
	assert_string_equal(f->name, "spdx-yaml");
	for (int i = 0; i < 100000; i++)
		buffer_add_text(&file, "[");
	assert_int_equal(read_all(f, buffer_view(&file), 4096, &out, &count), ERR_LIMIT);
	/* a value, a comment, and heads that libyaml compares with one another */
	static const struct {
		const char *begin, *before, *behind;
	} longs[] = {
		{"a: \"", "value", " "}, {"a: b\n#", "comment", " "}, {"", "%TAG !", "! tag:\n"}};
	for (size_t l = 0; l < sizeof(longs) / sizeof(*longs); l++) {
		file.size = 0;
		buffer_add_text(&file, longs[l].begin);
		for (int i = 0; i < 30000; i++)
			buffer_printf(&file, "%s%d%s", longs[l].before, i, longs[l].behind);
		assert_int_equal(read_all(f, buffer_view(&file), 1 << 16, &out, &count), ERR_LIMIT);
		assert_string_equal(count.why, "a value, or what stands before it, is too long");
	}
	buffer_done(&file);
	buffer_done(&out);
}

/* More of them than the room for texts has bytes for the names of their lists. */
static void a_bill_of_many_packages_is_read_to_its_end(void **state)
{
	static const struct {
		const char *name, *begin, *package, *end;
	} forms[] = {
		{"spdx-tag-value", "SPDXVersion: SPDX-2.3\n", "PackageName: n\n", ""},
		{"spdx-xml", "<Document><SPDXID>x</SPDXID>", "<packages><name>n</name></packages>",
	         "</Document>"},
		{"spdx-rdf", RDF, "<s:Package s:name='n'/>", "</rdf:RDF>"},
	};
	enum { PACKAGES = 300000 };
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct buffer file = {0}, out = {0};
		struct collected_count count;
		buffer_add_text(&file, forms[i].begin);
		for (int p = 0; p < PACKAGES; p++)
			buffer_add_text(&file, forms[i].package);
		buffer_add_text(&file, forms[i].end);
		const struct collected_format *f = collected_format_find(buffer_view(&file));
		assert_non_null(f);
		assert_string_equal(f->name, forms[i].name);
		assert_int_equal(read_all(f, buffer_view(&file), 1 << 16, &out, &count), OK);
		assert_int_equal(count.not_understood, 0);
		assert_int_equal(out.size, PACKAGES * strlen("package id=n\n"));
		buffer_done(&file);
		buffer_done(&out);
	}
}

/* A line that is too long, with a mark of a text wherever in it; `is_open`: behind it a text goes on. */
static void expect_long_line(const char *begin, int size, const char *end, bool is_open)
{
	struct buffer file = {0}, out = {0};
	struct collected_count count;
	buffer_printf(&file, "SPDXVersion: SPDX-2.3\nPackageName: a\n%s", begin);
	for (int i = 0; i < size; i++)
		buffer_add_text(&file, "x");
	buffer_add_text(&file, end);
	for (int i = 0; i < COLLECTED_LINE_MAX; i++)
		buffer_add_text(&file, "x");
	buffer_add_text(&file, "\nPackageName: n\nPackageComment: </text>\nPackageName: b\n");
	struct view whole = buffer_view(&file);
	assert_int_equal(read_all(collected_format_find(whole), whole, 1000, &out, &count), OK);
	assert_int_equal(count.not_understood, 1);
	buffer_add(&out, "", 1);
	assert_string_equal((const char *)out.bytes,
	                    is_open ? "package id=a\npackage id=b\n"
	                            : "package id=a\npackage id=n\npackage id=b\n");
	buffer_done(&file);
	buffer_done(&out);
}

static void a_text_begins_and_ends_in_a_line_of_any_length(void **state)
{
	(void)state;
	for (int size = COLLECTED_LINE_MAX - 30; size < COLLECTED_LINE_MAX + 10; size++) {
		expect_long_line("# ", size, "<text>", false);
		expect_long_line("", size, "", false);
		expect_long_line("", size, "<text>", true);
		expect_long_line("PackageComment: <text>", size, "", true);
		expect_long_line("PackageComment: <text>", size, "</text>", false);
		expect_long_line("PackageComment: <text>\n", size, "</text>", false);
		expect_long_line("PackageComment: <text>\n", size, "", true);
	}
}

/* Behind the line of a name that is too long: what stands there is of no package that is known. */
static void expect_long_name(const char *begin, const char *name, int size, const char *end,
                             const char *items)
{
	struct buffer file = {0}, out = {0};
	struct collected_count count;
	buffer_printf(&file, "SPDXVersion: SPDX-2.3\nPackageName: a\n%s", begin);
	for (int i = 0; i < size; i++)
		buffer_add_text(&file, " ");
	buffer_add_text(&file, name);
	for (int i = 0; i < COLLECTED_LINE_MAX + 1; i++)
		buffer_add_text(&file, "x");
	buffer_printf(&file,
	              "%s\nPackageVersion: 1\nExternalRef: PACKAGE-MANAGER purl pkg:npm/b@1\n",
	              end);
	struct view whole = buffer_view(&file);
	for (size_t block = 1; block < 2000; block += 999) {
		out.size = 0;
		assert_int_equal(read_all(collected_format_find(whole), whole, block, &out, &count),
		                 OK);
		buffer_add(&out, "", 1);
		assert_string_equal((const char *)out.bytes, items);
	}
	buffer_done(&file);
	buffer_done(&out);
}

static void a_name_of_tag_value_that_is_too_long_is_not_the_one_before(void **state)
{
	static const char alone[] = "package id=a\npackage npm id=b v=1\n";
	(void)state;
	expect_long_name("", "PackageName: ", 0, "", alone);
	expect_long_name("", "PackageName:<text>", 3, "</text>", alone);
	/* in a text that has no end */
	expect_long_name("PackageComment: <text>\n", "PackageName: ", 0, "", alone);
	expect_long_name("PackageComment: <text>\n", "PackageName: <text>", 0, "</text>", alone);
	/* in one that has, and of something else */
	expect_long_name("PackageComment: <text>\n", "PackageName: ", 0, "</text>",
	                 "package npm id=b name=a v=1\npackage id=a v=1\n");
	expect_long_name("", "PackageNameless: ", 0, "",
	                 "package npm id=b name=a v=1\npackage id=a v=1\n");
	/* behind so many spaces that the tag lies wherever in the parts of the line */
	for (int size = COLLECTED_LINE_MAX - 20; size < COLLECTED_LINE_MAX + 10; size++)
		expect_long_name("", "PackageName: ", size, "", alone);
}

/* With blocks of any size: the items, and where it is said that the first text without an end begins. */
static void expect_unended(struct view file, const char *items, uint64_t count_of, uint64_t line,
                           uint64_t column)
{
	static const size_t blocks[] = {1, 9, 1 << 16};
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		struct buffer out = {0};
		struct collected_count count;
		assert_int_equal(
			read_all(collected_format_find(file), file, blocks[i], &out, &count), OK);
		buffer_add(&out, "", 1);
		assert_string_equal((const char *)out.bytes, items);
		assert_int_equal(count.not_understood, count_of);
		assert_string_equal(count.why,
		                    "a text begins here that has no end: </text> was expected");
		assert_int_equal(count.line, line);
		assert_int_equal(count.column, column);
		buffer_done(&out);
	}
}

#define LINES_BEGIN "SPDXVersion: SPDX-2.3\nPackageName: a\nPackageComment: <text>x\n"

static void a_text_without_an_end_hides_nothing_and_is_told(void **state)
{
	(void)state;
	/* the file ends in it */
	expect_unended(view_text(LINES_BEGIN "PackageVersion: 1\nother: y\nPackageName: b\n"
	                                     "ExternalRef: PACKAGE-MANAGER purl pkg:npm/b@1"),
	               "package id=a v=1\npackage npm id=b v=1\n", 1, 3, 17);
	/* another text begins in it, in one line and in several; what stands in that one is none */
	expect_unended(view_text(LINES_BEGIN "PackageName: b\n  PackageComment:<text>y</text>\n"
	                                     "PackageName: c\n"),
	               "package id=a\npackage id=b\npackage id=c\n", 1, 3, 17);
	expect_unended(view_text(LINES_BEGIN "PackageName: b\nPackageComment: \t<text>\n"
	                                     "PackageName: no\n</text>\nPackageName: c\n"),
	               "package id=a\npackage id=b\npackage id=c\n", 1, 3, 17);
	/* behind spaces */
	expect_unended(view_text("SPDXVersion: SPDX-2.3\n \tComment: <text>\nPackageName: a\n"),
	               "package id=a\n", 1, 2, 12);
	/* two of them */
	expect_unended(view_text(LINES_BEGIN "PackageName: b\nPackageComment: <text>\n"
	                                     "PackageName: c\n"),
	               "package id=a\npackage id=b\npackage id=c\n", 2, 3, 17);
	/* one that only speaks of a text has an end */
	expect("SPDXVersion: SPDX-2.3\nPackageComment: <text>the word <text> begins one, as\n"
	       "in Comment: x <text>\nPackageName: no\n</text>\nPackageName: a\n",
	       "spdx-tag-value", "package id=a\n");
}

static void no_text_begins_in_a_comment_or_ends_before_it_begins(void **state)
{
	(void)state;
	expect("SPDXVersion: SPDX-2.3\n# as <text>\nPackageName: a\nPackageComment: <text>x\n"
	       "# <text>\nPackageName: no\n# </text>\nPackageName: b\n",
	       "spdx-tag-value", "package id=a\npackage id=b\n");
	expect("SPDXVersion: SPDX-2.3\nPackageComment: </text> <text>\nPackageName: no\n"
	       "</text>\nPackageName: a\n",
	       "spdx-tag-value", "package id=a\n");
}

static void any_value_of_tag_value_may_be_a_text(void **state)
{
	struct view file = view_text("SPDXVersion: SPDX-2.3\nPackageName: <text>\nno\n</text>\n");
	struct buffer out = {0};
	struct collected_count count;
	(void)state;
	expect("SPDXVersion: SPDX-2.3\nPackageName: <text> a </text>\n"
	       "PackageVersion: <text>1\nPackageVersion: no\n</text>\n"
	       "PackageName: b\nExternalRef: <text>PACKAGE-MANAGER purl pkg:npm/b@1</text>\n",
	       "spdx-tag-value", "package id=a v=1\npackage npm id=b v=1\n");
	assert_int_equal(read_all(collected_format_find(file), file, 1 << 16, &out, &count), OK);
	assert_int_equal(out.size, 0);
	assert_int_equal(count.not_understood, 1);
	buffer_done(&out);
}

static void a_text_without_an_end_is_told_in_lines_of_any_length(void **state)
{
	struct buffer file = {0};
	(void)state;
	/* it begins behind 20000 bytes; then a long line begins another */
	buffer_add_text(&file, "SPDXVersion: SPDX-2.3\nPackageComment: ");
	for (int i = 0; i < 20000; i++)
		buffer_add_text(&file, "x");
	buffer_add_text(&file, "<text>\nPackageName: a\nPackageComment: <text></text>");
	for (int i = 0; i < 20000; i++)
		buffer_add_text(&file, "x");
	buffer_add_text(&file, "\nPackageName: b\n");
	expect_unended(buffer_view(&file), "package id=a\npackage id=b\n", 3, 2, 20017);
	/* more tags than a text has, and no end */
	struct buffer items = {0};
	file.size = 0;
	buffer_add_text(&file, LINES_BEGIN);
	buffer_add_text(&items, "package id=a\n");
	for (int i = 0; i < 10000; i++) {
		buffer_printf(&file, "PackageName: n%d\n", i);
		buffer_printf(&items, "package id=n%d\n", i);
	}
	buffer_add(&items, "", 1);
	expect_unended(buffer_view(&file), (const char *)items.bytes, 1, 3, 17);
	buffer_done(&items);
	buffer_done(&file);
}

static void marks_of_a_text_mean_nothing_to_android(void **state)
{
	struct buffer file = {0}, out = {0};
	struct collected_count count;
	(void)state;
	for (int line = 0; line < 2; line++) {
		buffer_add_text(&file, "package:<text>");
		for (int i = 0; i < COLLECTED_LINE_MAX; i++)
			buffer_add_text(&file, "x");
		buffer_add_text(&file, "\n");
	}
	struct view whole = buffer_view(&file);
	assert_int_equal(read_all(collected_format_find(whole), whole, 1000, &out, &count), OK);
	assert_int_equal(count.items, 2);
	assert_int_equal(count.not_understood, 2);
	buffer_done(&file);
	buffer_done(&out);
}

static void a_reference_of_tag_value_is_one_however_its_type_is_written(void **state)
{
	(void)state;
	expect("SPDXVersion: SPDX-2.3\nPackageName: p\n"
	       "ExternalRef: PACKAGE-MANAGER http://spdx.org/rdf/references/purl pkg:npm/a@1\n"
	       "ExternalRef: PACKAGE-MANAGER  purl pkg:npm/b@1\n"
	       "ExternalRef:\tPACKAGE-MANAGER\tpurl\tpkg:npm/c@1 \n"
	       "ExternalRef: OTHER x pkg:npm/d@1\nExternalRef: pkg:npm/e@1\n"
	       "ExternalRef: SECURITY cpe23Type cpe:2.3:a:x:y\nExternalRef:\n",
	       "spdx-tag-value",
	       "package npm id=a name=p v=1\npackage npm id=b name=p v=1\npackage npm id=c name=p v=1\n"
	       "package npm id=d name=p v=1\npackage npm id=e name=p v=1\npackage id=p\n");
	struct view broken = view_text("SPDXVersion: SPDX-2.3\nPackageName: p\n"
	                               "ExternalRef: SECURITY cpe23Type cpe:2.3:a:x:y\n"
	                               "ExternalRef: PACKAGE-MANAGER  purl pkg:npm/%\n"
	                               "ExternalRef: PACKAGE-MANAGER purl npm/a\n");
	struct buffer out = {0};
	struct collected_count count;
	assert_int_equal(read_all(collected_format_find(broken), broken, 9, &out, &count), OK);
	assert_int_equal(count.not_understood, 2);
	buffer_done(&out);
}

/* In blocks of any size: the items, and what is counted with its example. */
static void expect_broken(const char *file, const char *items, uint64_t count_of,
                          const char *example)
{
	const struct collected_format *f = collected_format_find(view_text(file));
	static const size_t blocks[] = {5, 1 << 16};
	assert_non_null(f);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		struct buffer out = {0};
		struct collected_count count;
		assert_int_equal(read_all(f, view_text(file), blocks[i], &out, &count), OK);
		buffer_add(&out, "", 1);
		assert_string_equal((const char *)out.bytes, items);
		assert_int_equal(count.not_understood, count_of);
		assert_string_equal(count.example, example);
		buffer_done(&out);
	}
}

static void a_package_url_of_cyclonedx_that_is_none_is_counted_and_shown(void **state)
{
	static const char items[] = "package id=a v=1 on=shop\npackage npm id=b on=shop\n"
				    "app id=c on=shop\npackage id=d on=shop\napp id=shop\n";
	(void)state;
	expect_broken(
		"{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"component\":{\"name\":\"shop\","
		"\"purl\":\"pkg:x\"}},"
		"\"components\":[{\"type\":\"library\",\"name\":\"a\",\"version\":\"1\",\"purl\":\"pkg:npm/a\\u001b%4\"},"
		"{\"type\":\"library\",\"name\":\"b\",\"purl\":\"pkg:npm/b\"},{\"name\":\"c\",\"purl\":\"npm/c\"},"
		"{\"type\":\"library\",\"name\":\"d\",\"purl\":\"\"}]}",
		items, 3, "pkg:npm/a\\x1b%4");
	expect_broken(
		BOM
		"<metadata><component><name>shop</name><purl>pkg:x</purl></component>"
		"</metadata><components><component type='library'><name>a</name><version>1</version>"
		"<purl>pkg:npm/a%4</purl></component><component type='library'><name>b</name>"
		"<purl>pkg:npm/b</purl></component><component><name>c</name><purl>npm/c</purl></component>"
		"<component type='library'><name>d</name><purl> </purl></component></components></bom>",
		items, 3, "pkg:npm/a%4");
}

/* The same bill in every syntax: two that are none, of which one has no type, one that is none and ought not to be one, one
 * that is empty, and a good one. */
static void a_package_url_of_spdx_that_is_none_is_counted_and_shown(void **state)
{
	static const char items[] = "package npm id=c name=p v=1\npackage id=p v=2\n";
	(void)state;
	expect_broken(
		"{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"p\",\"versionInfo\":\"2\",\"externalRefs\":["
		"{\"referenceType\":\"purl\",\"referenceLocator\":\"npm/a\"},{\"referenceLocator\":\"pkg:npm/%\"},"
		"{\"referenceType\":\"cpe23Type\",\"referenceLocator\":\"cpe:2.3:a:x:y\"},"
		"{\"referenceType\":\"purl\",\"referenceLocator\":\"\"},"
		"{\"referenceType\":\"purl\",\"referenceLocator\":\"pkg:npm/c@1\"}]}]}",
		items, 2, "npm/a");
	expect_broken(
		"spdxVersion: SPDX-2.3\npackages:\n- name: p\n  versionInfo: 2\n  externalRefs:\n"
		"  - {referenceLocator: npm/a, referenceType: http://spdx.org/rdf/references/purl}\n"
		"  - {referenceLocator: 'pkg:npm/%'}\n  - {referenceType: cpe23Type, referenceLocator: 'cpe:2.3:a:x:y'}\n"
		"  - {referenceType: purl, referenceLocator: ''}\n  - {referenceType: purl, referenceLocator: 'pkg:npm/c@1'}\n",
		items, 2, "npm/a");
	expect_broken(
		"<Document><SPDXID>x</SPDXID><packages><name>p</name><versionInfo>2</versionInfo><externalRefs>"
		"<referenceType>purl</referenceType><referenceLocator>npm/a</referenceLocator></externalRefs><externalRefs>"
		"<referenceLocator>pkg:npm/%</referenceLocator></externalRefs><externalRefs><referenceType>cpe23Type</referenceType>"
		"<referenceLocator>cpe:2.3:a:x:y</referenceLocator></externalRefs><externalRefs><referenceType>purl</referenceType>"
		"<referenceLocator/></externalRefs><externalRefs><referenceType>purl</referenceType>"
		"<referenceLocator>pkg:npm/c@1</referenceLocator></externalRefs></packages></Document>",
		items, 2, "npm/a");
	expect_broken(
		"SPDXVersion: SPDX-2.3\nPackageName: p\nPackageVersion: 2\n"
		"ExternalRef: PACKAGE-MANAGER purl npm/a\nExternalRef: pkg:npm/%\n"
		"ExternalRef: SECURITY cpe23Type cpe:2.3:a:x:y\nExternalRef: PACKAGE-MANAGER purl\n"
		"ExternalRef: PACKAGE-MANAGER http://spdx.org/rdf/references/purl pkg:npm/c@1\n",
		items, 2, "npm/a");
	/* in no package, and with a type that only looks like it */
	expect_broken("SPDXVersion: SPDX-2.3\nExternalRef: PACKAGE-MANAGER purl npm/a\n"
	              "ExternalRef: OTHER http://purl.example/x y\n",
	              "", 1, "npm/a");
	/* of version 3 */
	expect_broken(
		"{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\",\"@graph\":[{\"type\":\"software_Package\","
		"\"name\":\"p\",\"software_packageUrl\":\"npm/a\",\"externalIdentifier\":["
		"{\"externalIdentifierType\":\"packageUrl\",\"identifier\":\"npm/b\"},"
		"{\"externalIdentifierType\":\"email\",\"identifier\":\"a@body.example\"}]}]}",
		"package id=p\n", 2, "npm/b");
}

static void a_package_url_of_rdf_that_is_none_is_counted_once(void **state)
{
	static const char items[] = "package npm id=c name=p v=1\npackage id=p v=2\n";
	(void)state;
#define PURL "http://spdx.org/rdf/references/purl"
	expect_broken(
		RDF
		"<s:Package s:name='p' s:versionInfo='2'><s:externalRef><s:ExternalRef><s:referenceType rdf:resource='" PURL
		"'/>" LOCATOR("npm/a") "</s:ExternalRef></s:externalRef><s:externalRef><s:ExternalRef>" LOCATOR("pkg:npm/%") "</s:ExternalRef></s:externalRef><s:externalRef><s:ExternalRef>" LOCATOR(
			"cpe:2.3:a:x:y") "</s:ExternalRef></s:externalRef><s:externalRef rdf:parseType='Resource'>" LOCATOR("pkg:npm/c@1") "</s:externalRef></s:Package></rdf:RDF>",
		items, 2, "npm/a");
	/* a type as what it is, in a text, in parts; of two packages, of none */
	expect_broken(
		RDF "<s:ExternalRef rdf:nodeID='r'>" LOCATOR(
			"npm/a") "</s:ExternalRef>"
				 "<s:Package s:name='p'><s:externalRef rdf:nodeID='r'/></s:Package>"
				 "<s:Package s:name='q'><s:externalRef rdf:nodeID='r'/></s:Package>"
				 "<rdf:Description rdf:nodeID='r'><s:referenceType><s:ReferenceType rdf:about='" PURL
				 "'/></s:referenceType></rdf:Description>"
				 "<s:ExternalRef s:referenceLocator='npm/b'><s:referenceType>purl</s:referenceType></s:ExternalRef></rdf:RDF>",
		"package id=p\npackage id=q\n", 2, "npm/a");
#undef PURL
	/* one that is empty */
	expect_broken(
		RDF
		"<s:Package s:name='p'><s:externalRef s:referenceType='purl' s:referenceLocator=''/>"
		"</s:Package></rdf:RDF>",
		"package id=p\n", 0, "");
}

/* What lies in it is a text, though it has elements. Of a type that nobody knows it is one, too. */
static void a_literal_of_rdf_has_no_nodes(void **state)
{
	static const char *const types[] = {"Literal", "other"};
	struct buffer file = {0};
	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		file.size = 0;
		buffer_printf(
			&file,
			RDF
			"<s:Package><s:comment rdf:parseType='%s'><s:Package s:name='no'><s:externalRef "
			"rdf:nodeID='none'/></s:Package><b rdf:parseType='Literal'><s:name>no</s:name></b>"
			"<rdf:Description s:referenceLocator='pkg:npm/%%'/></s:comment>"
			"<s:externalRef rdf:parseType='%s'><s:ExternalRef s:referenceLocator='pkg:npm/no@1'/></s:externalRef>"
			"<s:name rdf:parseType='%s'>a</s:name><s:versionInfo>1</s:versionInfo></s:Package></rdf:RDF>",
			types[i], types[i], types[i]);
		buffer_add(&file, "", 1);
		expect_broken((const char *)file.bytes, "package id=a v=1\n", 0, "");
	}
	expect_broken(
		RDF
		"<s:SpdxDocument><s:describesPackage rdf:parseType='Collection'><s:Package s:name='a'/>"
		"<s:Package s:name='b'/></s:describesPackage></s:SpdxDocument></rdf:RDF>",
		"package id=a\npackage id=b\n", 0, "");
	buffer_done(&file);
}

static int next_or_break(void *context, struct view *ret)
{
	(void)next(context, ret);
	return ret->size ? OK : -EIO;
}

static void what_breaks_the_reading_is_no_error_of_the_file(void **state)
{
	static const char *const files[] = {"spdxVersion: x\npackages:\n", "SPDXVersion: x\n",
	                                    "<Document><SPDXID>x</SPDXID>", RDF,
	                                    "{\"spdxVersion\":\"SPDX-2.3\","};
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct view file = view_text(files[i]);
		struct blocks b = {file, 7};
		struct buffer out = {0};
		struct collected_count count = {0};
		const struct collected_input in = {file, next_or_break, &b};
		const struct collected_format *f = collected_format_find(file);
		assert_non_null(f);
		assert_int_equal(f->read(&in, write_item, &out, &count), -EIO);
		assert_null(count.why);
		buffer_done(&out);
	}
}

static void a_package_of_spdx_is_told_whatever_comes_first_in_it(void **state)
{
	(void)state;
	expect("{\"SPDXID\":\"x\",\"packages\":[{\"externalRefs\":[{\"referenceLocator\":\"pkg:npm/openai@2\"},"
	       "{\"referenceLocator\":\"pkg:npm/%\"}],\"checksums\":[{\"name\":\"no\"}],\"name\":\"openai\"},"
	       "{\"externalRefs\":[{\"referenceLocator\":\"pkg:npm/b@2\"}],\"name\":\"a\",\"versionInfo\":null}]}",
	       "spdx", "package npm id=openai v=2\npackage npm id=b name=a v=2\npackage id=a\n");
	/* more of them than are kept */
	struct buffer file = {0}, items = {0};
	buffer_add_text(
		&file,
		"{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"a\",\"externalRefs\":[");
	for (int i = 0; i < 18; i++)
		buffer_printf(&file, "%s{\"referenceLocator\":\"pkg:npm/n%d\"}", i ? "," : "", i);
	buffer_add_text(&file, "]}]}");
	buffer_add_text(&items, "package npm id=n16 name=a\npackage npm id=n17 name=a\n");
	for (int i = 0; i < 16; i++)
		buffer_printf(&items, "package npm id=n%d name=a\n", i);
	buffer_add_text(&items, "package id=a\n");
	buffer_add(&file, "", 1);
	buffer_add(&items, "", 1);
	expect((const char *)file.bytes, "spdx", (const char *)items.bytes);
	buffer_done(&file);
	buffer_done(&items);
}

static void references_of_a_package_that_is_not_whole_are_told(void **state)
{
	struct view file = view_text(
		"{\"spdxVersion\":\"SPDX-2.3\",\"packages\":[{\"name\":\"a\",\"externalRefs\":["
		"{\"referenceLocator\":\"pkg:npm/b\"}],");
	struct buffer out = {0};
	struct collected_count count;
	(void)state;
	assert_int_equal(read_all(collected_format_find(file), file, 100, &out, &count),
	                 ERR_TRUNCATED);
	buffer_add(&out, "", 1);
	assert_string_equal((const char *)out.bytes, "package npm id=b\n");
	assert_int_equal(count.items, 1);
	buffer_done(&out);
}

static void lists_of_applications_are_read_by_their_titles(void **state)
{
	(void)state;
	expect("Device name,User name,Application Name,Application Version,Publisher\r\n"
	       "PC-1,anna@body.example,\"DeepSeek, the app\",1.0,X\r\n",
	       "applications-csv", "app name=DeepSeek, the app v=1.0 by=X on=PC-1\n");
	expect("Computer Name;Title;Bundle ID\nmac;Chat;com.deepseek.chat\n", "applications-csv",
	       "app id=com.deepseek.chat name=Chat on=mac\n");
	expect("CFBundleIdentifier, CFBundleVersion, CFBundleDisplayName\ncom.deepseek.chat, \"5\", \"DeepSeek\"\n",
	       "applications-csv", "app id=com.deepseek.chat name=DeepSeek v=5\n");
	expect("{\"deviceName\":\"phone\",\"applications\":[{\"bundleId\":\"com.x\",\"name\":\"X\",\"version\":\"2\"}]}",
	       "applications-json", "app id=com.x name=X v=2 on=phone\n");
}

static void packages_of_android_are_read(void **state)
{
	(void)state;
	expect("package:com.deepseek.chat\npackage:/data/app/~~a==/com.x-b==/base.apk=com.x  installer=y\n\n",
	       "android-packages",
	       "app id=com.deepseek.chat\napp id=com.x at=/data/app/~~a==/com.x-b==/base.apk\n");
}

static void what_is_none_of_these_is_nothing(void **state)
{
	static const char *const others[] = {"",
	                                     "hello",
	                                     "a,b\n1,2\n",
	                                     "{\"a\":1}",
	                                     "\x7f"
	                                     "ELF",
	                                     "[1,2]"};
	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_null(collected_format_find(view_text(others[i])));
}

static void package_urls_are_read(void **state)
{
	struct purl p;
	(void)state;
	assert_int_equal(purl_parse(view_text("pkg:NPM/%40a/b@1.0%2B2?x=y#z"), &p), OK);
	assert_string_equal(p.type, "npm");
	assert_string_equal(p.name, "@a/b");
	assert_string_equal(p.version, "1.0+2");
	assert_int_equal(purl_parse(view_text("pkg:npm/@a/b"), &p), OK);
	assert_string_equal(p.name, "@a/b");
	static const char *const broken[] = {"npm/a",       "pkg:npm",      "pkg:npm/",
	                                     "pkg:npm/a%4", "pkg:npm/a%00", "pkg:/a"};
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
		assert_int_equal(purl_parse(view_text(broken[i]), &p), ERR_MALFORMED);
}

static void what_has_no_room_is_counted(void **state)
{
	const struct collected_format *f = collected_formats;
	struct buffer file = {0}, out = {0};
	struct collected_count count;
	(void)state;
	while (strcmp(f->name, "osquery") != 0)
		f++;
	buffer_add_text(&file, "{\"columns\":{");
	for (int i = 0; i < 10000; i++)
		buffer_printf(&file, "%s\"k%d\":\"v\"", i ? "," : "", i);
	buffer_add_text(&file, "}}");
	assert_int_equal(read_all(f, buffer_view(&file), 4096, &out, &count), OK);
	assert_true(count.not_understood > 0);
	buffer_done(&file);
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_of_osquery_are_read),
		cmocka_unit_test(tables_that_osqueryi_prints_are_told_by_their_columns),
		cmocka_unit_test(inventories_of_wazuh_are_read),
		cmocka_unit_test(components_of_cyclonedx_are_read),
		cmocka_unit_test(xml_of_cyclonedx_is_the_same_bill),
		cmocka_unit_test(components_anywhere_in_xml_are_read_as_in_json),
		cmocka_unit_test(an_error_in_xml_has_a_place),
		cmocka_unit_test(deep_and_long_xml_ends_at_a_limit),
		cmocka_unit_test(packages_of_spdx_are_read),
		cmocka_unit_test(packages_of_spdx_in_yaml_are_those_of_json),
		cmocka_unit_test(packages_of_spdx_in_xml_are_those_of_json),
		cmocka_unit_test(packages_of_spdx_in_rdf_are_read_wherever_they_lie),
		cmocka_unit_test(nodes_of_rdf_are_joined_by_their_names),
		cmocka_unit_test(packages_of_rdf_may_be_written_short_or_as_what_they_are_besides),
		cmocka_unit_test(a_name_is_kept_under_another_number_each_time),
		cmocka_unit_test(references_of_rdf_may_be_written_short),
		cmocka_unit_test(a_link_of_rdf_that_leads_to_nothing_is_counted),
		cmocka_unit_test(things_of_rdf_that_bear_one_name_are_all_told_and_counted),
		cmocka_unit_test(what_of_rdf_lies_too_far_apart_to_be_joined_is_counted),
		cmocka_unit_test(packages_of_rdf_are_whole_however_many_there_are),
		cmocka_unit_test(texts_of_rdf_that_need_more_room_than_there_is_are_told),
		cmocka_unit_test(an_error_in_yaml_has_a_place_and_an_alias_is_counted),
		cmocka_unit_test(deep_and_long_yaml_ends_at_a_limit),
		cmocka_unit_test(a_bill_of_many_packages_is_read_to_its_end),
		cmocka_unit_test(a_text_begins_and_ends_in_a_line_of_any_length),
		cmocka_unit_test(a_name_of_tag_value_that_is_too_long_is_not_the_one_before),
		cmocka_unit_test(a_text_without_an_end_hides_nothing_and_is_told),
		cmocka_unit_test(no_text_begins_in_a_comment_or_ends_before_it_begins),
		cmocka_unit_test(any_value_of_tag_value_may_be_a_text),
		cmocka_unit_test(a_text_without_an_end_is_told_in_lines_of_any_length),
		cmocka_unit_test(marks_of_a_text_mean_nothing_to_android),
		cmocka_unit_test(a_reference_of_tag_value_is_one_however_its_type_is_written),
		cmocka_unit_test(a_package_url_of_cyclonedx_that_is_none_is_counted_and_shown),
		cmocka_unit_test(a_package_url_of_spdx_that_is_none_is_counted_and_shown),
		cmocka_unit_test(a_package_url_of_rdf_that_is_none_is_counted_once),
		cmocka_unit_test(a_literal_of_rdf_has_no_nodes),
		cmocka_unit_test(what_breaks_the_reading_is_no_error_of_the_file),
		cmocka_unit_test(a_package_of_spdx_is_told_whatever_comes_first_in_it),
		cmocka_unit_test(references_of_a_package_that_is_not_whole_are_told),
		cmocka_unit_test(lists_of_applications_are_read_by_their_titles),
		cmocka_unit_test(packages_of_android_are_read),
		cmocka_unit_test(what_is_none_of_these_is_nothing),
		cmocka_unit_test(package_urls_are_read),
		cmocka_unit_test(what_has_no_room_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
