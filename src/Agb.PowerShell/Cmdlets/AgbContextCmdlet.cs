namespace Agb.PowerShell;

/// <summary>The base of cmdlets with a context as first argument that may also come by pipeline: the arguments are then the
/// parameters after it. PowerShell binds by position before it looks at the pipeline, so this class corrects the
/// binding.</summary>
public abstract class AgbContextCmdlet : AgbServiceCmdlet
{
    private const string ContextParameter = "Context";

    // The values of the command line in PowerShell's binding order: named ones first, then positional ones.
    private readonly List<KeyValuePair<string, object>> _given = [];

    /// <summary>A context from the pipeline while the command line has an argument in its position.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true, HelpMessage = "The context from the pipeline.")]
    public virtual AgbPipedContext? InputContext { get; set; }

    /// <summary>The positional parameters after the context, in their order, as far as the parameter set has them.</summary>
    private protected abstract IReadOnlyList<Following> FollowingContext { get; }

    /// <summary>Whether a session is accepted for the contexts mounted in it: only by cmdlets without changes to
    /// contexts.</summary>
    private protected virtual bool TakesSessions => false;

    /// <summary>Whether the pipeline brings an object with a context.</summary>
    private protected bool BringsContext => InputContext is { Reference.IsText: false };

    /// <summary>Whether a parameter is on the command line.</summary>
    private protected bool IsGiven(string parameter) => _given.Any(g => g.Key == parameter);

    /// <inheritdoc/>
    protected override void BeginProcessing() => _given.AddRange(MyInvocation.BoundParameters);

    /// <summary>The contexts of the record, after the arguments are bound to the right parameters.</summary>
    /// <param name="bound">The value that PowerShell bound to the context's parameter.</param>
    /// <exception cref="AgbException">InvalidRequest: more arguments than parameters, or an argument of the wrong
    /// type.</exception>
    private protected IReadOnlyList<AgbContextReference> ContextsOf(AgbContextReference[]? bound)
    {
        var contexts = bound ?? [];
        if (InputContext is { } piped && IsGiven(ContextParameter))
        {
            Shift(contexts);
            contexts = [piped.Reference];
        }
        if (!TakesSessions)
        {
            RefuseSessions(contexts);
        }
        return [.. contexts.SelectMany(c => c.Parts)];
    }

    /// <summary>Works on each context of the record, one after the other. A failure is an error of that context.</summary>
    private protected void ForEachContext(AgbContextReference[]? bound, Func<IAgbService, AgbContext, CancellationToken, Task> work) =>
        ForEachContext(bound, () => { }, work);

    /// <summary>Checks the rebound arguments, then works on each context of the record.</summary>
    private protected void ForEachContext(
        AgbContextReference[]? bound, Action check, Func<IAgbService, AgbContext, CancellationToken, Task> work) => ForEachReference(
            bound, check, context => RunContext(context, work));

    /// <summary>Checks the rebound arguments, then passes on each reference of the record unresolved.</summary>
    private protected void ForEachReference(AgbContextReference[]? bound, Action check, Action<AgbContextReference> work)
    {
        IReadOnlyList<AgbContextReference> contexts;
        try
        {
            contexts = ContextsOf(bound);
            check();
        }
        catch (AgbException e)
        {
            Report(e, InputContext?.Reference);
            return;
        }
        foreach (var context in contexts)
        {
            work(context);
        }
    }

    /// <summary>Fails for a value missing on the command line and in the record.</summary>
    /// <exception cref="AgbException">InvalidRequest.</exception>
    private protected static void RequireGiven(bool isGiven, string parameter)
    {
        if (!isGiven)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"-{parameter} is missing.", $"Give it by -{parameter}, or as the argument after the context.", parameter);
        }
    }

    private void Shift(AgbContextReference[] bound)
    {
        var atPosition = _given.SkipWhile(g => g.Key != ContextParameter).Skip(1).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        object? argument = bound.All(b => b.IsText) ? bound.Select(b => b.Text).ToArray() : bound;
        foreach (var parameter in FollowingContext)
        {
            var given = _given.FirstOrDefault(g => g.Key == parameter.Name);
            if (argument is null || (given.Key is null ? MyInvocation.BoundParameters.ContainsKey(parameter.Name) : !atPosition.Contains(parameter.Name)))
            {
                // This one comes from the record or from a name on the command line.
                continue;
            }
            parameter.Set(argument);
            argument = given.Value;
        }
        if (argument is not null)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"The pipeline brings a context, and the command line gives '{string.Join(", ", bound.Select(b => b.ToString()))}' for it too.",
                "Leave one of them out.", bound.FirstOrDefault()?.Text);
        }
    }

    /// <summary>A positional parameter after the context.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Set">Sets it to the value of an argument.</param>
    private protected sealed record Following(string Name, Action<object> Set)
    {
        /// <summary>Creates an entry for a parameter of a type.</summary>
        internal static Following Of<T>(string name, Action<T> set) => new(name, value => set(Convert<T>(name, value)));

        private static T Convert<T>(string name, object value)
        {
            // A single value may stand for a list, but not the other way round.
            var one = value is Array { Length: 1 } many && !typeof(T).IsArray ? many.GetValue(0) : value;
            try
            {
                return (T)LanguagePrimitives.ConvertTo(one is Array && typeof(T) == typeof(string) ? null : one, typeof(T), CultureInfo.InvariantCulture)
                    ?? throw new PSInvalidCastException();
            }
            catch (PSInvalidCastException e)
            {
                var text = value is Array all ? string.Join(", ", all.Cast<object>()) : $"{value}";
                throw new AgbException(
                    AgbErrorIds.InvalidRequest, AgbErrorKind.InvalidInput, $"'{text}' is no value for -{name}.",
                    $"Give -{name} by its name, or as the argument after the context.", text, e);
            }
        }
    }
}
