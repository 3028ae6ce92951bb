using System.Collections;
using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Get-AgbSession</c>: lists unreleased sessions, or finds them by id, label, image, status or context.</summary>
[Cmdlet(VerbsCommon.Get, "AgbSession")]
[OutputType(typeof(AgbSession))]
public sealed class GetAgbSessionCommand : AgbServiceCmdlet
{
    /// <summary>The ids, with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Session ids; wildcards are allowed. A context stands for its sessions.")]
    [Alias("Session", "Id")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public AgbSessionReference[]? SessionId { get; set; }

    /// <summary>Labels of the sessions.</summary>
    [Parameter(HelpMessage = "Only sessions with all these labels, such as @{ purpose = 'data-access' }.")]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    /// <summary>The image of the sessions, with wildcards.</summary>
    [Parameter(HelpMessage = "Only sessions of these images; wildcards are allowed.")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ImageCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>Contexts mounted in the sessions.</summary>
    [Parameter(HelpMessage = "Only sessions with one of these contexts mounted: objects, ids or exact names.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[]? Context { get; set; }

    /// <summary>The states of the sessions.</summary>
    [Parameter(HelpMessage = "Only sessions in these states, such as Running or Failed.")]
    public AgbSessionStatus[]? Status { get; set; }

    /// <summary>Whether to include released sessions.</summary>
    [Parameter(HelpMessage = "Also list sessions released in the last seven days; their FailureReason gives time and reason.")]
    public SwitchParameter IncludeReleased { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() => RequestRules.Labels(Arguments.Strings(Label)));

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var reference in SessionId ?? [new AgbSessionReference("*")])
        {
            var known = KnownService(reference.Service ?? Context?.Select(c => c.Service).FirstOrDefault(s => s is not null));
            var id = reference.SessionId;
            RunItem(reference, async token =>
            {
                var service = Open(known);
                var contexts = await ContextIdsAsync(service, token).ConfigureAwait(false);
                await (reference.Context is { } context ? EmitMatchingAsync(service, "*", Both(contexts, context.Text), token)
                    : WildcardPattern.ContainsWildcardCharacters(id) ? EmitMatchingAsync(service, id, contexts, token)
                    : EmitOneAsync(service, id, contexts, token)).ConfigureAwait(false);
            });
        }
    }

    /// <summary>The ids of the contexts for the filter; null for any.</summary>
    private async Task<HashSet<string>?> ContextIdsAsync(IAgbService service, CancellationToken token)
    {
        if (Context is null)
        {
            return null;
        }
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var reference in Context.SelectMany(c => c.Parts))
        {
            ids.Add((await ResolveAsync(reference, service, token).ConfigureAwait(false)).Id);
        }
        return ids;
    }

    private static HashSet<string> Both(HashSet<string>? wanted, string contextId) =>
        wanted is null || wanted.Contains(contextId) ? [contextId] : [];

    private async Task EmitOneAsync(IAgbService service, string id, HashSet<string>? contexts, CancellationToken token)
    {
        var session = await CallAsync(service, $"get session '{id}'", () => FindAsync(service, id, token)).ConfigureAwait(false);
        if (IsWanted(session, contexts) && HasLabels(session))
        {
            Emit(session);
        }
    }

    private async Task<AgbSession> FindAsync(IAgbService service, string id, CancellationToken token)
    {
        try
        {
            return await service.GetSessionAsync(new SessionId(id), token).ConfigureAwait(false);
        }
        catch (AgbException e) when (IncludeReleased && e.ErrorId is (AgbErrorIds.SessionNotFound or AgbErrorIds.SessionExpired))
        {
            if (await service.ListReleasedSessionsAsync(token).FirstOrDefaultAsync(s => s.SessionId == id, token).ConfigureAwait(false) is { } released)
            {
                return released;
            }
            throw;
        }
    }

    private Task EmitMatchingAsync(IAgbService service, string pattern, HashSet<string>? contexts, CancellationToken token)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase);
        return CallAsync(service, "list sessions", async () =>
        {
            var sessions = service.ListSessionsAsync(Arguments.Strings(Label), token);
            if (IncludeReleased)
            {
                sessions = service.ListReleasedSessionsAsync(token).Where(HasLabels).Concat(sessions);
            }
            await foreach (var session in sessions.ConfigureAwait(false))
            {
                if (wildcard.IsMatch(session.SessionId) && IsWanted(session, contexts))
                {
                    Emit(session);
                }
            }
        });
    }

    private bool HasLabels(AgbSession session) =>
        Arguments.Strings(Label).All(l => session.Labels.TryGetValue(l.Key, out var value) && value == l.Value);

    private bool IsWanted(AgbSession session, HashSet<string>? contexts) =>
        (ImageId is null || ImageId.Any(p => new WildcardPattern(p, WildcardOptions.IgnoreCase).IsMatch(session.ImageId)))
        && (Status is null || Status.Contains(session.Status))
        && (contexts is null || session.ContextSyncs.Any(s => contexts.Contains(s.ContextId)));
}
