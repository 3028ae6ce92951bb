using System.CommandLine;

namespace Agb.Server;

/// <summary>The options against key guessing and connection flooding.</summary>
internal sealed class GuardOptions
{
    private readonly Option<int> _attempts = LoadOptions.Number(
        "--failed-attempts-per-minute",
        "Most wrong keys, tokens and signatures per minute from one address. Above it, only keys already used from this address are accepted. 0 for no limit.",
        ServerOptions.DefaultFailedAttemptsPerMinute);

    private readonly Option<int> _connections = LoadOptions.Number(
        "--max-connections", "Most open connections, and as many WebSockets in addition; 0 for no limit.", ServerOptions.DefaultMaxConnections);

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command) => CommandTree.Add(command, _attempts, _connections);

    /// <summary>The settings with the values of a command line.</summary>
    internal ServerOptions Apply(ServerOptions options, ParseResult parsed) => options with
    {
        FailedAttemptsPerMinute = parsed.GetValue(_attempts),
        MaxConnections = parsed.GetValue(_connections) is > 0 and var most ? most : null,
    };
}
