using System.Collections;
using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbSession</c>: lists the sessions that are not released, or finds them by id, label or image.</summary>
[Cmdlet(VerbsCommon.Get, "AgbSession")]
[OutputType(typeof(AgbSession))]
public sealed class GetAgbSessionCommand : AgbServiceCmdlet
{
    /// <summary>The ids, with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Session ids; wildcards are allowed.")]
    [Alias("Session", "Id")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public string[]? SessionId { get; set; }

    /// <summary>Labels that the sessions have.</summary>
    [Parameter(HelpMessage = "Only sessions that have all these labels, such as @{ purpose = 'data-access' }.")]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    /// <summary>The image of the sessions, with wildcards.</summary>
    [Parameter(HelpMessage = "Only sessions of these images; wildcards are allowed.")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ImageCompleter))]
    public string[]? ImageId { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() => RequestRules.Labels(Arguments.Strings(Label)));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var known = KnownService();
        foreach (var id in SessionId ?? ["*"])
        {
            RunItem(id, token => WildcardPattern.ContainsWildcardCharacters(id)
                ? EmitMatchingAsync(Open(known), id, token)
                : EmitOneAsync(Open(known), id, token));
        }
    }

    private async Task EmitOneAsync(IAgbService service, string id, CancellationToken token)
    {
        var session = await CallAsync(
            service, $"get session '{id}'", () => service.GetSessionAsync(id, token)).ConfigureAwait(false);
        if (IsWanted(session) && Arguments.Strings(Label).All(l => session.Labels.TryGetValue(l.Key, out var value) && value == l.Value))
        {
            Emit(session);
        }
    }

    private Task EmitMatchingAsync(IAgbService service, string pattern, CancellationToken token)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase);
        return CallAsync(service, "list sessions", async () =>
        {
            await foreach (var session in service.ListSessionsAsync(Arguments.Strings(Label), token).ConfigureAwait(false))
            {
                if (wildcard.IsMatch(session.SessionId) && IsWanted(session))
                {
                    Emit(session);
                }
            }
        });
    }

    private bool IsWanted(AgbSession session) =>
        ImageId is null || ImageId.Any(p => new WildcardPattern(p, WildcardOptions.IgnoreCase).IsMatch(session.ImageId));
}
