using System.Globalization;
using System.Text.Json;

namespace Agb.Protocol;

/// <summary>An <see cref="AgbException"/> with all its values, for our own clients.</summary>
public sealed record WireError
{
    /// <summary>One of <see cref="AgbErrorIds"/>.</summary>
    public string? Id { get; init; }

    /// <summary>The kind of failure.</summary>
    public AgbErrorKind? Kind { get; init; }

    /// <summary>The message.</summary>
    public string? Message { get; init; }

    /// <summary>The remedy, with the words of <see cref="Advice"/> for every front end.</summary>
    public string? Remedy { get; init; }

    /// <summary>The name of an <see cref="AgbAdvice"/>, for clients with words of their own.</summary>
    public string? Advice { get; init; }

    /// <summary>The value in question: a string or a number.</summary>
    public JsonElement? Target { get; init; }

    /// <summary>The error for an exception.</summary>
    public static WireError From(AgbException error) => new()
    {
        Id = error.ErrorId,
        Kind = error.Kind,
        Message = error.Message,
        Remedy = error.Remedy,
        Advice = error.Advice?.ToString(),
        Target = error.Target switch
        {
            null => null,
            long number => JsonSerializer.SerializeToElement(number, ValueJson.Default.Int64),
            int number => JsonSerializer.SerializeToElement(number, ValueJson.Default.Int64),
            { } other => JsonSerializer.SerializeToElement(Convert.ToString(other, CultureInfo.InvariantCulture) ?? "", ValueJson.Default.String),
        },
    };

    /// <summary>The exception of an error.</summary>
    /// <param name="requestId">The failed request.</param>
    public AgbException ToException(string? requestId)
    {
        var (own, advice) = SplitRemedy();
        return new AgbException(
            Id ?? AgbErrorIds.ServiceRefused, Kind ?? AgbErrorKind.Failed, Message ?? "The service gave no reason.", own,
            Target switch
            {
                { ValueKind: JsonValueKind.String } text => text.GetString(),
                { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) => value,
                _ => null,
            })
        {
            Advice = advice,
            RequestId = requestId,
        };
    }

    // A newer server may send an advice without words here, or with other ones: its text stays as it is then.
    private (string? Own, AgbAdvice? Advice) SplitRemedy()
    {
        if (Remedy is null || !Enum.TryParse<AgbAdvice>(Advice, out var advice) || !Enum.IsDefined(advice))
        {
            return (Remedy, null);
        }
        var words = AdviceWords.Of(advice);
        return Remedy.EndsWith(words, StringComparison.Ordinal)
            ? (Remedy.Length == words.Length ? null : Remedy[..^words.Length].TrimEnd(), advice)
            : (Remedy, null);
    }
}

/// <summary>The wire form of errors: an envelope's code, its message, and the HTTP status. The code is the error id, except for
/// ids with another name in official clients.</summary>
public static class WireErrors
{
    /// <summary>The code of a missing session. Official clients take it as the end of a deletion.</summary>
    public const string SessionNotFoundCode = "InvalidMcpSession.NotFound";

    private static readonly (string ErrorId, string Code)[] s_codes = [
        (AgbErrorIds.SessionNotFound, SessionNotFoundCode),
        // For official clients the session is gone; our clients get the exact id.
        (AgbErrorIds.SessionExpired, SessionNotFoundCode),
    ];

    // The codes of similar services for missing sessions.
    private static readonly string[] s_sessionGone = [SessionNotFoundCode, "InvalidSession.NotFound"];

    private static readonly HashSet<string> s_ids = typeof(AgbErrorIds).GetFields().Select(f => f.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>The code of an error id.</summary>
    public static string CodeOf(string errorId) => s_codes.FirstOrDefault(c => c.ErrorId == errorId).Code ?? errorId;

    /// <summary>The error id of a code, or null for an unknown code of another service.</summary>
    public static string? ErrorIdOf(string? code) =>
        code is null ? null
        : s_sessionGone.Contains(code, StringComparer.Ordinal) ? AgbErrorIds.SessionNotFound
        : s_ids.Contains(code) ? code
        : null;

    /// <summary>The message of an error. For a missing session it begins with the words expected by official clients.</summary>
    public static string MessageOf(AgbException error) =>
        error.ErrorId is AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired ? "Session not found: " + error.Message : error.Message;

    /// <summary>The HTTP status of an error. A missing session is 400, as official clients expect.</summary>
    public static int StatusOf(string errorId, AgbErrorKind kind) => errorId switch
    {
        AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired => 400,
        AgbErrorIds.AuthenticationFailed => 401,
        AgbErrorIds.TooManyRequests or AgbErrorIds.TooManySessions => 429,
        AgbErrorIds.HostExhausted => 503,
        AgbErrorIds.NotSupported => 501,
        AgbErrorIds.ConnectionFailed => 502,
        AgbErrorIds.UnexpectedError or AgbErrorIds.DeviceFailed => 500,
        _ => kind switch
        {
            AgbErrorKind.InvalidInput => 400,
            AgbErrorKind.NotFound => 404,
            AgbErrorKind.AlreadyExists or AgbErrorKind.InvalidState => 409,
            AgbErrorKind.Timeout => 408,
            AgbErrorKind.HostNotReady => 503,
            AgbErrorKind.ResourceExhausted => 507,
            AgbErrorKind.PermissionDenied => 403,
            AgbErrorKind.DataCorrupt => 500,
            _ => 422,
        },
    };
}
