using System.Text.RegularExpressions;

namespace Agb.Server;

/// <summary>Details for a request's log line, beside method, endpoint and status.</summary>
internal sealed partial class RequestNote
{
    private string? _sessionId;
    private string? _clientRequestId;

    /// <summary>The session of the request.</summary>
    internal string? SessionId
    {
        get => _sessionId;
        set => _sessionId = Fit(value);
    }

    /// <summary>The called tool, if known to the server.</summary>
    internal string? Tool { get; set; }

    /// <summary>Whether the tool failed.</summary>
    internal bool HasFailed { get; set; }

    /// <summary>The client's id of the request: the only id known to a user of the link route.</summary>
    internal string? ClientRequestId
    {
        get => _clientRequestId;
        set => _clientRequestId = Fit(value);
    }

    /// <summary>The note of a request.</summary>
    internal static RequestNote Of(HttpContext context)
    {
        if (context.Features.Get<RequestNote>() is { } note)
        {
            return note;
        }
        context.Features.Set(note = new RequestNote());
        return note;
    }

    /// <summary>The outcome of a tool, as a word.</summary>
    internal static string OutcomeOf(bool hasFailed) => hasFailed ? "failed" : "done";

    /// <summary>A client's id in a form safe for the log: an entry must stay one line.</summary>
    internal static string? Fit(string? text) => text is null || IdForm().IsMatch(text) ? text : "(no id)";

    [GeneratedRegex("^[A-Za-z0-9._-]{1,80}\\z")]
    private static partial Regex IdForm();
}
