namespace Agb.Protocol;

/// <summary>A client's first text frame on the WebSocket of <see cref="AgbServerRoutes.Terminal"/>. The WebSocket's request
/// carries the API key.</summary>
/// <remarks>The server answers with a <see cref="TerminalMessage"/>, Opened or Error. After that, binary frames carry typed and
/// shown bytes, the client's text frames are <see cref="TerminalMessage"/>s with a new size, and the server's last one has the
/// exit code.</remarks>
/// <param name="SessionId">The session.</param>
/// <param name="Columns">Characters in a row; none for the default.</param>
/// <param name="Rows">Rows; none for the default.</param>
/// <param name="TerminalType">The kind of terminal; none for the default.</param>
/// <param name="WorkingDirectory">The start directory.</param>
/// <param name="Environment">Environment variables.</param>
public sealed record TerminalBody(
    string? SessionId = null, int? Columns = null, int? Rows = null, string? TerminalType = null, string? WorkingDirectory = null,
    IReadOnlyDictionary<string, string>? Environment = null)
{
    /// <summary>The body for a request.</summary>
    public static TerminalBody From(string sessionId, AgbTerminalRequest request) =>
        new(sessionId, request.Size.Columns, request.Size.Rows, request.TerminalType, request.WorkingDirectory, request.Environment);

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
/// <param name="Opened">From the server: the shell runs.</param>
/// <param name="Error">From the server: the reason of a failed start.</param>
/// <param name="ExitCode">From the server: the shell's exit code, after its end.</param>
/// <param name="Columns">From the client: the new size, with <see cref="Rows"/>.</param>
/// <param name="Rows">From the client: the new size, with <see cref="Columns"/>.</param>
public sealed record TerminalMessage(bool? Opened = null, WireError? Error = null, int? ExitCode = null, int? Columns = null, int? Rows = null);
