using Agb.Protocol.Json;

namespace Agb.Protocol;

/// <summary>The first text frame that a client sends on the WebSocket of <see cref="AgbExtensionRoutes.Terminal"/>, whose request
/// carries the API key as ever. The server answers with a <see cref="TerminalMessage"/> that says Opened or Error. From then on
/// binary frames carry what was typed and what is shown, the client's text frames are <see cref="TerminalMessage"/>s with a new
/// size, and the server's last one has the exit code.</summary>
public sealed record TerminalBody
{
    /// <summary>The session.</summary>
    public string? SessionId { get; init; }

    /// <summary>Characters in a row; none for the default.</summary>
    public int? Columns { get; init; }

    /// <summary>Rows; none for the default.</summary>
    public int? Rows { get; init; }

    /// <summary>The kind of terminal; none for the default.</summary>
    public string? TerminalType { get; init; }

    /// <summary>The directory to start in.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>The body for a request.</summary>
    public static TerminalBody From(string sessionId, AgbTerminalRequest request) => new()
    {
        SessionId = sessionId,
        Columns = request.Size.Columns,
        Rows = request.Size.Rows,
        TerminalType = request.TerminalType,
        WorkingDirectory = request.WorkingDirectory,
        Environment = request.Environment,
    };

    /// <summary>The request of a body.</summary>
    public AgbTerminalRequest ToRequest()
    {
        var standard = new AgbTerminalRequest();
        return new AgbTerminalRequest
        {
            Size = new AgbTerminalSize(Columns ?? standard.Size.Columns, Rows ?? standard.Size.Rows),
            TerminalType = TerminalType ?? standard.TerminalType,
            WorkingDirectory = WorkingDirectory,
            Environment = TextMap.Require(Environment, "environment variable"),
        };
    }
}

/// <summary>A text frame on a terminal's WebSocket. One member is given.</summary>
public sealed record TerminalMessage
{
    /// <summary>From the server: the shell runs.</summary>
    public bool? Opened { get; init; }

    /// <summary>From the server: why it does not run.</summary>
    public WireError? Error { get; init; }

    /// <summary>From the server: the shell has ended.</summary>
    public int? ExitCode { get; init; }

    /// <summary>From the client: the new size, with <see cref="Rows"/>.</summary>
    public int? Columns { get; init; }

    /// <summary>From the client: the new size, with <see cref="Columns"/>.</summary>
    public int? Rows { get; init; }
}
