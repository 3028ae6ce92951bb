using System.CommandLine;
using Agb.Server.Hosting;

namespace Agb.Server.CommandLine;

/// <summary>The options against clients that guess keys or hold connections.</summary>
internal sealed class GuardOptions
{
    private readonly Option<int> _attempts = new("--failed-attempts-per-minute")
    {
        Description = "The wrong keys, tokens and signatures a minute of one address; beyond, keys from there that are not known yet are refused. 0 for no limit.",
        DefaultValueFactory = _ => ServerOptions.DefaultFailedAttemptsPerMinute,
    };

    private readonly Option<int> _connections = new("--max-connections")
    {
        Description = "The connections at a time, and beside them as many WebSockets; 0 for no limit.",
        DefaultValueFactory = _ => ServerOptions.DefaultMaxConnections,
    };

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command)
    {
        foreach (var option in new[] { _attempts, _connections })
        {
            CommandTree.Between(option, 0, int.MaxValue);
            command.Add(option);
        }
    }

    /// <summary>The settings with what a command line says.</summary>
    internal ServerOptions Apply(ServerOptions options, ParseResult parsed) => options with
    {
        FailedAttemptsPerMinute = parsed.GetValue(_attempts),
        MaxConnections = parsed.GetValue(_connections) is > 0 and var most ? most : null,
    };
}
