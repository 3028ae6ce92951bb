using System.CommandLine;

namespace Agb.Server;

/// <summary>The options for the load limits of a server; 0 is no limit.</summary>
internal sealed class LoadOptions
{
    private static readonly LoadLimits s_defaults = new();

    private readonly Option<int> _sessions = Number("--max-sessions", "Most sessions of all owners together; 0 for no limit.", s_defaults.MaxSessions);
    private readonly Option<int> _sessionsPerOwner = Number("--max-sessions-per-owner", "Most sessions of one owner; 0 for no limit.", s_defaults.MaxSessionsPerOwner);
    private readonly Option<int> _prepared = Number("--prepared", "Sandboxes that stand ready for each image, network and limits that an owner uses; they count as sessions. 0 for none.", s_defaults.Prepared);
    private readonly Option<int> _calls = Number("--max-calls", "Most concurrent calls of all owners together. As many more can wait a short time. 0 for no limit.", s_defaults.MaxCalls);
    private readonly Option<int> _callsPerOwner = Number("--max-calls-per-owner", "Most concurrent calls of one owner; 0 for no limit.", s_defaults.MaxCallsPerOwner);

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command) => CommandTree.Add(command, _sessions, _sessionsPerOwner, _prepared, _calls, _callsPerOwner);

    /// <summary>The limits of a command line.</summary>
    internal LoadLimits Read(ParseResult parsed) => new()
    {
        MaxSessions = parsed.GetValue(_sessions),
        MaxSessionsPerOwner = parsed.GetValue(_sessionsPerOwner),
        Prepared = parsed.GetValue(_prepared),
        MaxCalls = parsed.GetValue(_calls),
        MaxCallsPerOwner = parsed.GetValue(_callsPerOwner),
    };

    /// <summary>An option with a number; 0 is no limit.</summary>
    internal static Option<int> Number(string name, string description, int standard)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
        CommandTree.Between(option, 0, int.MaxValue);
        return option;
    }
}
