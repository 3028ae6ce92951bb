using System.Globalization;

namespace Agb.Soak;

/// <summary>What one worker alone does to a part of a context without a session: each step leads from one state to another, whole or
/// not at all. It is written down before a step what state it leads to, and after it that it was told so.</summary>
internal sealed class History
{
    private readonly Dictionary<long, string> _versions = [];
    private string? _pending;
    private string _kind = "";

    private History()
    {
    }

    /// <summary>The last state that was acknowledged, or found by a worker that came after a killed one.</summary>
    internal string Current { get; private set; } = "";

    /// <summary>What the worker saw that can't be.</summary>
    internal List<string> Failures { get; } = [];

    /// <summary>How often each kind of step was acknowledged.</summary>
    internal Dictionary<string, int> Acknowledged { get; } = [];

    /// <summary>The states of versions, by their numbers.</summary>
    internal IReadOnlyDictionary<long, string> Versions => _versions;

    internal static History Of(string file)
    {
        var history = new History();
        foreach (var line in Journal.Read(file))
        {
            history.Apply(line);
        }
        return history;
    }

    /// <summary>The journal's words for a step that is about to be made.</summary>
    internal static string Try(string kind, string state) => $"try {kind} {state}";

    /// <summary>The journal's words for the version that a step made, 0 for none.</summary>
    internal static string Made(long version) => string.Create(CultureInfo.InvariantCulture, $"made {version}");

    /// <summary>The journal's words for what a worker found that came after a killed one.</summary>
    internal static string Found(long version, string state) => string.Create(CultureInfo.InvariantCulture, $"found {version} {state}");

    /// <summary>What is wrong with what the store holds, or null. A step that nobody was told of may have been made.</summary>
    internal string? Difference(string state) => state == Current || state == _pending
        ? null
        : $"it holds '{state}'; it may hold '{Current}'{(_pending is null ? "" : $" or '{_pending}'")}";

    /// <summary>A state as a line: files and their values, by name.</summary>
    internal static string Format(IEnumerable<KeyValuePair<string, string>> files) =>
        string.Join(';', files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}"));

    internal static SortedDictionary<string, string> Parse(string state) => new(
        state.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split('=')).ToDictionary(f => f[0], f => f[1]), StringComparer.Ordinal);

    private void Apply(string[] line)
    {
        var state = line.Length > 2 ? line[2] : "";
        switch (line[0])
        {
            case "try":
                _pending = state;
                _kind = line[1];
                break;
            case "made":
                Current = _pending ?? throw new InvalidDataException("Something was made that was not tried.");
                Acknowledged[_kind] = Acknowledged.GetValueOrDefault(_kind) + 1;
                Know(line[1]);
                break;
            case "found":
                if (Difference(state) is { } difference)
                {
                    Failures.Add($"After a kill {difference}");
                }
                Current = state;
                Know(line[1]);
                break;
            case "failed":
                Failures.Add(string.Join(' ', line));
                break;
            default:
                throw new InvalidDataException($"The journal says '{string.Join(' ', line)}'.");
        }
    }

    private void Know(string version)
    {
        _pending = null;
        if (version != "0")
        {
            _versions[long.Parse(version, CultureInfo.InvariantCulture)] = Current;
        }
    }
}
