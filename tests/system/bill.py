"""A bill of materials of CycloneDX and one of SPDX, in the syntaxes that these have."""
from xml.sax.saxutils import escape, quoteattr

SPACE = "http://cyclonedx.org/schema/bom/"
# in the order of CycloneDX' schema
COMPONENT = ("group", "name", "version", "purl")


def example(count=0):
    """Components in one another, a model, services, and what must not be taken for a component's own; `count` more of them."""
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "name": "shop", "version": "2", "purl": "pkg:npm/shop@2"}},
        "components": [
            {"type": "library", "group": "@deepseek-ai", "name": "dsh", "version": "0.1", "purl": "pkg:npm/%40deepseek-ai/dsh@0.1?a=b&c=<d>",
             "components": [{"type": "library", "name": "x", "purl": "pkg:npm/%40ai-sdk/deepseek@1.0.1"},
                            {"type": "machine-learning-model", "group": "deepseek-ai", "name": "DeepSeek-R1", "version": "abc",
                             "modelCard": {"modelParameters": {"modelArchitecture": "deepseek3"}}}]},
            {"type": "machine-learning-model", "name": "R1", "purl": "pkg:huggingface/deepseek-ai/DeepSeek-V3@def"},
            {"type": "application", "name": "DeepSeek Harness", "version": "1.0"},
            {"type": "library", "name": "left-pad", "version": "1.3.0", "purl": "pkg:npm/left-pad@1.3.0",
             "pedigree": {"ancestors": [{"type": "library", "name": "dsh", "purl": "pkg:npm/%40deepseek-ai/dsh@9"}]}},
            *({"type": "library", "name": f"n{i}", "purl": f"pkg:npm/n{i}@1"} for i in range(count))],
        "services": [{"name": "llm", "endpoints": ["https://api.deepseek.com/v1", "https://gate.example/v1"],
                      "services": [{"name": "in", "endpoints": ["https://chat.deepseek.com/"]}]}]}


def xml(bill, version="1.6", prefix="", encoding="utf-8"):
    """The same as XML, in elements with that prefix."""
    p = f"{prefix}:" if prefix else ""

    def element(name, inner, attributes=""):
        return f"<{p}{name}{attributes}>{inner}</{p}{name}>\n"

    def component(c):
        inner = "".join(element(name, escape(c[name])) for name in COMPONENT if name in c)
        if "pedigree" in c:
            inner += element("pedigree", element("ancestors", "".join(map(component, c["pedigree"]["ancestors"]))))
        if "components" in c:
            inner += element("components", "".join(map(component, c["components"])))
        if "modelCard" in c:
            architecture = c["modelCard"]["modelParameters"]["modelArchitecture"]
            inner += element("modelCard", element("modelParameters", element("modelArchitecture", architecture)))
        return element("component", inner, f" type={quoteattr(c['type'])}")

    def service(s):
        inner = element("name", escape(s["name"])) + element("endpoints", "".join(element("endpoint", escape(e)) for e in s["endpoints"]))
        if "services" in s:
            inner += element("services", "".join(map(service, s["services"])))
        return element("service", inner)

    inner = element("metadata", component(bill["metadata"]["component"])) + element("components", "".join(map(component, bill["components"])))
    inner += element("services", "".join(map(service, bill["services"])))
    space = f' xmlns{":" + prefix if prefix else ""}="{SPACE}{version}" version="1"'
    return f'<?xml version="1.0" encoding="{encoding}"?>\n' + element("bom", inner, space)


def spdx():
    """Packages with and without references, one that these call by its own name, and names that are of something else."""
    def package(number, name, version, *urls):
        return {"SPDXID": f"SPDXRef-{number}", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
                "checksums": [{"algorithm": "SHA1", "checksumValue": "0" * 40}], "supplier": "Organization: DeepSeek",
                "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": url} for url in urls]}

    return {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "dataLicense": "CC0-1.0", "name": "shop",
            "documentNamespace": "https://body.example/shop", "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: x"]},
            "packages": [package(1, "dsh", "0.1", "pkg:npm/%40deepseek-ai/dsh@0.1"), package(2, "@ai-sdk/deepseek", "1.10", "pkg:npm/%40ai-sdk/deepseek@1.10"),
                         package(3, "DeepSeek Harness", "1.0"), package(4, "left-pad & <co>", "1.3.0", "pkg:npm/left-pad@1.3.0"),
                         package(5, "two", "2", "pkg:npm/%40langchain/deepseek@1.1.13", "pkg:pypi/langchain-deepseek@0.1")],
            "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-1"}]}


def spdx_xml(bill):
    """Lists have no element of their own, but each of their entries the list's name."""
    def element(name, value):
        if isinstance(value, list):
            return "".join(element(name, each) for each in value)
        inner = "".join(element(*member) for member in value.items()) if isinstance(value, dict) else escape(value)
        return f"<{name}>{inner}</{name}>\n"

    return "<?xml version='1.0' encoding='UTF-8'?>\n" + element("Document", bill)


RDF = {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "spdx": "http://spdx.org/rdf/terms#"}


def rdf(nodes):
    spaces = " ".join(f"xmlns:{prefix}={quoteattr(space)}" for prefix, space in RDF.items())
    return f"<rdf:RDF {spaces}>\n{nodes}</rdf:RDF>\n"


def rdf_reference(r):
    return (f"<spdx:referenceLocator>{escape(r['referenceLocator'])}</spdx:referenceLocator>"
            f"<spdx:referenceType rdf:resource='http://spdx.org/rdf/references/{r['referenceType']}'/>")


def spdx_rdf(bill):
    """The first package lies in the document, and each further one in the one before, as relations lead to them."""
    def reference(r):
        return f"<spdx:externalRef><spdx:ExternalRef>{rdf_reference(r)}</spdx:ExternalRef></spdx:externalRef>\n"

    inner = ""
    for p in reversed(bill["packages"]):
        members = "".join(map(reference, p["externalRefs"])) + f"<spdx:versionInfo>{p['versionInfo']}</spdx:versionInfo>\n"
        relation = f"<spdx:relationship><spdx:Relationship><spdx:relatedSpdxElement>{inner}</spdx:relatedSpdxElement></spdx:Relationship></spdx:relationship>"
        inner = f"<spdx:Package rdf:about='#{p['SPDXID']}'>{members}{relation if inner else ''}<spdx:name>{escape(p['name'])}</spdx:name></spdx:Package>\n"
    return rdf(f"<spdx:SpdxDocument><spdx:name>{bill['name']}</spdx:name><spdx:describesPackage>{inner}</spdx:describesPackage></spdx:SpdxDocument>")


def spdx_rdf_flat(bill):
    """Each node by itself, as libraries of RDF write it when they are not asked for more: references first, in the other order."""
    def description(name, type, members):
        return f"<rdf:Description {name}>{members}<rdf:type rdf:resource={quoteattr(RDF['spdx'] + type)}/></rdf:Description>\n"

    packages, references = [], []
    for p in bill["packages"]:
        members = f"<spdx:versionInfo>{p['versionInfo']}</spdx:versionInfo>"
        for r in p["externalRefs"]:
            members += f"<spdx:externalRef rdf:nodeID='A{len(references)}'/>"
            references.append(description(f"rdf:nodeID='A{len(references)}'", "ExternalRef", rdf_reference(r)))
        packages.append(description(f"rdf:about='#{p['SPDXID']}'", "Package", f"{members}<spdx:name>{escape(p['name'])}</spdx:name>"))
    return rdf("".join(reversed(references)) + "".join(packages))


def spdx_lines(bill):
    """As tag-value, with a text of several lines that looks like a package."""
    lines = [f"SPDXVersion: {bill['spdxVersion']}", f"SPDXID: {bill['SPDXID']}", f"DocumentName: {bill['name']}"]
    for p in bill["packages"]:
        lines += ["", f"PackageName: {p['name']}", f"SPDXID: {p['SPDXID']}", f"PackageVersion: {p['versionInfo']}",
                  "PackageComment: <text>of two lines:", "PackageName: deepseek-no</text>"]
        lines += [f"ExternalRef: {r['referenceCategory']} {r['referenceType']} {r['referenceLocator']}" for r in p["externalRefs"]]
    return "\n".join(lines) + "\n"
