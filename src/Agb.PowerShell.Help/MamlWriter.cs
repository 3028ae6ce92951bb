using System.Globalization;
using System.Text;
using System.Xml;

namespace Agb.PowerShell.Help;

/// <summary>Writes cmdlets' help as MAML, the XML of Get-Help.</summary>
internal sealed class MamlWriter
{
    private const string Maml = "http://schemas.microsoft.com/maml/2004/10";
    private const string Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private const string Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private readonly XmlWriter _xml;

    private MamlWriter(XmlWriter xml) => _xml = xml;

    /// <summary>Writes a help file.</summary>
    internal static void Write(string file, IEnumerable<CommandHelp> commands)
    {
        var settings = new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n" };
        using var xml = XmlWriter.Create(file, settings);
        xml.WriteStartElement("helpItems", "http://msh");
        xml.WriteAttributeString("schema", "maml");
        var writer = new MamlWriter(xml);
        foreach (var command in commands)
        {
            writer.Write(command);
        }
        xml.WriteEndElement();
    }

    private void Write(CommandHelp help)
    {
        // Declared here, because PowerShell's reader knows the prefixes by these names.
        _xml.WriteStartElement("command", "command", Command);
        _xml.WriteAttributeString("xmlns", "maml", null, Maml);
        _xml.WriteAttributeString("xmlns", "dev", null, Dev);
        Details(help);
        Element("maml", "description", () => Paragraphs(help.Description));
        Element("command", "syntax", () => Syntax(help));
        Element("command", "parameters", () => Each(help.Parameters, p => Parameter(p, inSyntax: false)));
        Types("inputTypes", "inputType", help.Inputs);
        Types("returnValues", "returnValue", help.Outputs);
        if (help.Notes.Count > 0)
        {
            Element("maml", "alertSet", () => Element("maml", "alert", () => Paragraphs(help.Notes)));
        }
        Element("command", "examples", () => Examples(help.Examples));
        Element("command", "relatedLinks", () => Each(help.Links, link => Element("maml", "navigationLink", () =>
        {
            Text("maml", "linkText", link);
            Text("maml", "uri", "");
        })));
        _xml.WriteEndElement();
    }

    private void Details(CommandHelp help) => Element("command", "details", () =>
    {
        var words = help.Name.Split('-');
        Text("command", "name", help.Name);
        Text("command", "verb", words[0]);
        Text("command", "noun", words[^1]);
        Element("maml", "description", () => Paragraphs([help.Synopsis]));
    });

    /// <summary>One line of syntax for each parameter set, positional parameters first, in PowerShell's own order.</summary>
    private void Syntax(CommandHelp help)
    {
        var sets = help.Parameters.SelectMany(p => p.Sets).Distinct().DefaultIfEmpty("").ToArray();
        Each(sets, set => Element("command", "syntaxItem", () =>
        {
            Text("maml", "name", help.Name);
            var members = help.Parameters.Where(p => p.Sets.Count == 0 || p.Sets.Contains(set));
            var ordered = members.OrderBy(p => p.Position ?? int.MaxValue).ThenBy(p => !p.Required);
            Each(ordered, p => Parameter(p, inSyntax: true));
        }));
    }

    private void Parameter(ParameterHelp parameter, bool inSyntax)
    {
        _xml.WriteStartElement("command", "parameter", Command);
        Attribute("required", parameter.Required);
        Attribute("variableLength", parameter.Type.EndsWith("[]", StringComparison.Ordinal));
        Attribute("globbing", parameter.Wildcards);
        _xml.WriteAttributeString("pipelineInput", parameter.Pipeline.Count == 0 ? "False" : $"True ({string.Join(", ", parameter.Pipeline)})");
        _xml.WriteAttributeString("position", parameter.Position?.ToString(CultureInfo.InvariantCulture) ?? "named");
        _xml.WriteAttributeString("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases));
        Text("maml", "name", parameter.Name);
        Element("maml", "description", () => Paragraphs(parameter.Description));
        // A switch has no value, so its syntax shows none.
        if (!(inSyntax && parameter.IsSwitch))
        {
            _xml.WriteStartElement("command", "parameterValue", Command);
            Attribute("required", !parameter.IsSwitch);
            Attribute("variableLength", false);
            _xml.WriteString(parameter.Type);
            _xml.WriteEndElement();
        }
        Type(parameter.Type);
        Text("dev", "defaultValue", parameter.Default);
        _xml.WriteEndElement();
    }

    private void Examples(IReadOnlyList<ExampleHelp> examples)
    {
        for (var i = 0; i < examples.Count; i++)
        {
            var (number, example) = (i + 1, examples[i]);
            Element("command", "example", () =>
            {
                Text("maml", "title", $"Example {number}: {example.Title}");
                Text("dev", "code", string.Join('\n', example.Code));
                Element("dev", "remarks", () => Paragraphs(example.Remarks));
            });
        }
    }

    private void Types(string container, string item, IEnumerable<(string Type, string Text)> types) =>
        Element("command", container, () => Each(types, type => Element("command", item, () =>
        {
            Type(type.Type);
            Element("maml", "description", () => Paragraphs([type.Text]));
        })));

    private void Type(string name) => Element("dev", "type", () =>
    {
        Text("maml", "name", name);
        Text("maml", "uri", "");
    });

    private void Paragraphs(IEnumerable<string> paragraphs) => Each(paragraphs, p => Text("maml", "para", p));

    private void Attribute(string name, bool value) => _xml.WriteAttributeString(name, value ? "true" : "false");

    private void Text(string prefix, string name, string text) => Element(prefix, name, () => _xml.WriteString(text));

    private void Element(string prefix, string name, Action content)
    {
        _xml.WriteStartElement(prefix, name, prefix switch { "maml" => Maml, "dev" => Dev, _ => Command });
        content();
        _xml.WriteEndElement();
    }

    private static void Each<T>(IEnumerable<T> items, Action<T> write)
    {
        foreach (var item in items)
        {
            write(item);
        }
    }
}
