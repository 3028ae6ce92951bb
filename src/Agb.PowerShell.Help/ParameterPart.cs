using System.Globalization;

namespace Agb.PowerShell.Help;

/// <summary>Reads one parameter of a cmdlet's page: its explanation, then a block of yaml with one fact per line.</summary>
internal static class ParameterPart
{
    private static readonly string[] s_keys =
        ["Type", "Aliases", "Sets", "Required", "Position", "Default", "Pipeline", "Wildcards"];

    /// <summary>Reads a parameter.</summary>
    /// <exception cref="HelpException">A fact is missing, unknown or unreadable.</exception>
    internal static ParameterHelp Read(Section section)
    {
        if (!section.Title.StartsWith('-') || section.Blocks is not [.., Code { Language: "yaml" } yaml])
        {
            throw section.Fault("A parameter's heading is '-Name', and a block of yaml ends its text.");
        }
        var facts = new Facts(section, yaml);
        var description = CommandPage.Text(section, section.Blocks.SkipLast(1));
        return new ParameterHelp
        {
            Name = section.Title[1..],
            Description = description.Count > 0 ? description : throw section.Fault($"'{section.Title}' is not explained."),
            Type = facts.Text("Type"),
            Aliases = facts.List("Aliases"),
            Sets = facts.List("Sets"),
            Required = facts.YesNo("Required"),
            Position = facts.Text("Position") is "named" ? null : facts.Number("Position"),
            Default = facts.Text("Default"),
            Pipeline = facts.List("Pipeline"),
            Wildcards = facts.YesNo("Wildcards"),
        };
    }

    private sealed class Facts
    {
        private readonly Dictionary<string, string> _facts = [];
        private readonly Section _section;
        private readonly Code _yaml;

        internal Facts(Section section, Code yaml)
        {
            (_section, _yaml) = (section, yaml);
            foreach (var line in yaml.Lines)
            {
                var colon = line.IndexOf(": ", StringComparison.Ordinal);
                var key = colon < 0 ? line : line[..colon];
                if (colon < 0 || !s_keys.Contains(key) || !_facts.TryAdd(key, line[(colon + 2)..].Trim()))
                {
                    throw section.Fault(yaml, $"The line '{line}' is not one fact of {string.Join(", ", s_keys)}.");
                }
            }
        }

        internal string Text(string key) =>
            _facts.TryGetValue(key, out var text) ? text : throw _section.Fault(_yaml, $"'{key}' is missing.");

        internal IReadOnlyList<string> List(string key) => _facts.TryGetValue(key, out var text) ? text.Split(", ") : [];

        internal bool YesNo(string key) => Text(key) switch
        {
            "yes" => true,
            "no" => false,
            var other => throw _section.Fault(_yaml, $"'{key}' is yes or no, not '{other}'."),
        };

        internal int Number(string key) =>
            int.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw _section.Fault(_yaml, $"'{key}' is a number or 'named', not '{Text(key)}'.");
    }
}
