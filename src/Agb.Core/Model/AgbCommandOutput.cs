namespace Agb;

/// <summary>Which of its two outputs a command wrote to.</summary>
public enum AgbOutputStream
{
    /// <summary>Standard output.</summary>
    Stdout,

    /// <summary>Standard error.</summary>
    Stderr,
}

/// <summary>One line that a command wrote, as it came.</summary>
public sealed record AgbCommandOutput : AgbObject
{
    /// <summary>The most characters of one object; a longer line comes in pieces.</summary>
    public const int MaxTextLength = 32 * 1024;

    /// <summary>The session that the command runs in.</summary>
    public required string SessionId { get; init; }

    /// <summary>Where the command wrote the line.</summary>
    public AgbOutputStream Stream { get; init; }

    /// <summary>The number of the line in its stream, from 1.</summary>
    public long Number { get; init; }

    /// <summary>The line without its end (LF or CR LF), decoded as UTF-8; invalid bytes become U+FFFD.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the line goes on in the stream's next object, because it is longer than
    /// <see cref="MaxTextLength"/>.</summary>
    public bool IsPartial { get; init; }

    /// <summary>When the service read the end of the line.</summary>
    public DateTimeOffset Time { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
