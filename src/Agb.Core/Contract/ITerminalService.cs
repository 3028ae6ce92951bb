namespace Agb;

/// <summary>Optional part of an <see cref="IAgbService"/>: interactive terminals in a session. A service without this interface
/// has none.</summary>
public interface ITerminalService
{
    /// <summary>Starts an interactive shell in a session, on a new terminal of the session.</summary>
    /// <exception cref="AgbException">As for a command: SessionNotFound, SessionNotRunning, SessionExpired,
    /// WorkingDirectoryNotFound and others.</exception>
    Task<IAgbTerminal> OpenTerminalAsync(
        SessionId sessionId, AgbTerminalRequest request, CancellationToken cancellationToken = default);
}

/// <summary>The service's end of a terminal in a session. Reading, writing and resizing may run in parallel, each with one
/// caller. Disposal ends the shell and its processes, in the foreground or background.</summary>
public interface IAgbTerminal : IAsyncDisposable
{
    /// <summary>Reads the session's output, as bytes for a terminal.</summary>
    /// <returns>The number of bytes; 0 after the end of the shell and its output.</returns>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Sends typed bytes. After the end of the shell they are dropped.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> typed, CancellationToken cancellationToken = default);

    /// <summary>Tells the session the terminal's new size.</summary>
    ValueTask ResizeAsync(AgbTerminalSize size, CancellationToken cancellationToken = default);

    /// <summary>The shell's exit code, after its end.</summary>
    Task<int> ExitCode { get; }
}

/// <summary>The size of a terminal.</summary>
/// <param name="Columns">Characters in a row, 1 to 65,535.</param>
/// <param name="Rows">Rows, 1 to 65,535.</param>
public readonly record struct AgbTerminalSize(int Columns, int Rows);

/// <summary>A request for a terminal.</summary>
public sealed record AgbTerminalRequest
{
    /// <summary>The default size.</summary>
    public static readonly AgbTerminalSize DefaultSize = new(80, 24);

    /// <summary>The size at the start.</summary>
    public AgbTerminalSize Size { get; init; } = DefaultSize;

    /// <summary>The kind of terminal, for the session's TERM (term(7)).</summary>
    public string TerminalType { get; init; } = "xterm-256color";

    /// <summary>The absolute start directory in the session; null for the home directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables on top of the image's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
