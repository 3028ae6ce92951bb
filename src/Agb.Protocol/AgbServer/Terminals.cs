namespace Agb.Protocol;

/// <summary>A client's first text frame on the WebSocket of <see cref="AgbServerRoutes.Terminal"/>. The WebSocket's request
/// carries the API key.</summary>
/// <remarks>The server answers with a <see cref="TerminalMessage"/>, Opened or Error. After that, binary frames carry typed and
/// shown bytes, the client's text frames are <see cref="TerminalMessage"/>s with a new size, and the server's last one has the
/// exit code.</remarks>
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

    /// <summary>The start directory.</summary>
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

/// <summary>A text frame on a terminal's WebSocket, with one member set.</summary>
public sealed record TerminalMessage
{
    /// <summary>From the server: the shell runs.</summary>
    public bool? Opened { get; init; }

    /// <summary>From the server: the reason of a failed start.</summary>
    public WireError? Error { get; init; }

    /// <summary>From the server: the shell's exit code, after its end.</summary>
    public int? ExitCode { get; init; }

    /// <summary>From the client: the new size, with <see cref="Rows"/>.</summary>
    public int? Columns { get; init; }

    /// <summary>From the client: the new size, with <see cref="Columns"/>.</summary>
    public int? Rows { get; init; }
}
