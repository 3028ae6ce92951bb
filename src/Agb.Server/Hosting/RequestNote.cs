using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Agb.Server.Hosting;

/// <summary>What a request's log line says of it beside method, endpoint and status.</summary>
internal sealed partial class RequestNote
{
    private string? _sessionId;
    private string? _clientRequestId;

    /// <summary>The session that it is about.</summary>
    internal string? SessionId
    {
        get => _sessionId;
        set => _sessionId = Fit(value);
    }

    /// <summary>The tool that it calls, one of the server's.</summary>
    internal string? Tool { get; set; }

    /// <summary>Whether the tool failed.</summary>
    internal bool HasFailed { get; set; }

    /// <summary>The id that the client gave the request: on the link route its user knows no other.</summary>
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

    /// <summary>The word for how a tool ended.</summary>
    internal static string OutcomeOf(bool hasFailed) => hasFailed ? "failed" : "done";

    /// <summary>An id that a client chose, as it may stand in the log: a line must stay one line.</summary>
    internal static string? Fit(string? text) => text is null || IdForm().IsMatch(text) ? text : "(no id)";

    [GeneratedRegex("^[A-Za-z0-9._-]{1,80}\\z")]
    private static partial Regex IdForm();
}
