namespace Agb;

/// <summary>What a service can do beside <see cref="IAgbService"/> when it can give people a terminal in a session. A
/// service object that does not implement it has none.</summary>
public interface ITerminalService
{
    /// <summary>Starts an interactive shell in a session, on a terminal of the session's own.</summary>
    /// <exception cref="AgbException">As for a command: SessionNotFound, SessionNotRunning, SessionExpired,
    /// WorkingDirectoryNotFound and others.</exception>
    Task<IAgbTerminal> OpenTerminalAsync(
        string sessionId, AgbTerminalRequest request, CancellationToken cancellationToken = default);
}

/// <summary>The service's end of a terminal in a session. Reading, writing and resizing may go on at the same time, each
/// by one caller. Disposing ends the shell, and what it started in the foreground or background, if it still runs.</summary>
public interface IAgbTerminal : IAsyncDisposable
{
    /// <summary>Reads what the session shows, as bytes for a terminal.</summary>
    /// <returns>How many bytes were read; 0 when the shell has ended and all was read.</returns>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Sends what was typed. When the shell has ended it is dropped.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> typed, CancellationToken cancellationToken = default);

    /// <summary>Tells the session that the terminal's size changed.</summary>
    ValueTask ResizeAsync(AgbTerminalSize size, CancellationToken cancellationToken = default);

    /// <summary>The shell's exit code, when it has ended.</summary>
    Task<int> ExitCode { get; }
}

/// <summary>The size of a terminal.</summary>
/// <param name="Columns">Characters in a row, 1 to 65,535.</param>
/// <param name="Rows">Rows, 1 to 65,535.</param>
public readonly record struct AgbTerminalSize(int Columns, int Rows);

/// <summary>What a terminal shall be.</summary>
public sealed record AgbTerminalRequest
{
    /// <summary>What terminals are when nobody says otherwise.</summary>
    public static readonly AgbTerminalSize DefaultSize = new(80, 24);

    /// <summary>Its size at the start.</summary>
    public AgbTerminalSize Size { get; init; } = DefaultSize;

    /// <summary>The kind of terminal, for the session's TERM (term(7)).</summary>
    public string TerminalType { get; init; } = "xterm-256color";

    /// <summary>The absolute directory in the session to start in; null for the home directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables on top of the image's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
