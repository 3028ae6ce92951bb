using System.Globalization;
using System.Management.Automation;

namespace Agb.PowerShell.Hosting;

/// <summary>The base of the cmdlets whose first argument is a context that may come by pipeline too: the arguments are then those
/// that follow it. PowerShell binds by position before it looks at the pipeline, so what it bound is put right here.</summary>
public abstract class AgbContextCmdlet : AgbServiceCmdlet
{
    private const string ContextParameter = "Context";

    // What the command line gave, in the order in which PowerShell bound it: what has a name first, then by position.
    private readonly List<KeyValuePair<string, object>> _given = [];

    /// <summary>The context that the pipeline brings while the command line has an argument in its place.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true, HelpMessage = "The context that the pipeline brings.")]
    public virtual AgbPipedContext? InputContext { get; set; }

    /// <summary>The parameters that follow the context by position, in their order, as far as the parameter set has them.</summary>
    private protected abstract IReadOnlyList<Following> FollowingContext { get; }

    /// <summary>Whether a session stands for the contexts that it mounts: not where something is changed.</summary>
    private protected virtual bool TakesSessions => false;

    /// <summary>Whether the pipeline brings an object that tells of a context.</summary>
    private protected bool BringsContext => InputContext is { Reference.IsText: false };

    /// <summary>Whether the command line gave a parameter.</summary>
    private protected bool IsGiven(string parameter) => _given.Any(g => g.Key == parameter);

    /// <inheritdoc/>
    protected override void BeginProcessing() => _given.AddRange(MyInvocation.BoundParameters);

    /// <summary>The contexts that the record means, after the arguments are where they belong.</summary>
    /// <param name="bound">What PowerShell bound to the context's parameter.</param>
    /// <exception cref="AgbException">InvalidRequest, when there are more arguments than parameters, or one has another type.</exception>
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

    /// <summary>Works on each context that the record means, one after the other. A failure is an error of that context.</summary>
    private protected void ForEachContext(AgbContextReference[]? bound, Func<IAgbService, AgbContext, CancellationToken, Task> work) =>
        ForEachContext(bound, () => { }, work);

    /// <summary>Checks the arguments when they are where they belong, then works on each context that the record means.</summary>
    private protected void ForEachContext(
        AgbContextReference[]? bound, Action check, Func<IAgbService, AgbContext, CancellationToken, Task> work) => ForEachReference(
            bound, check, context => RunContext(context, work));

    /// <summary>The same for what a cmdlet does with a reference itself.</summary>
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

    /// <summary>Fails for a value that neither the command line nor the record gave.</summary>
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
                // The record or a name on the command line says what this one is.
                continue;
            }
            parameter.Set(argument);
            argument = given.Value;
        }
        if (argument is not null)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"The pipeline brings a context, and '{string.Join(", ", bound.Select(b => b.ToString()))}' is given for one too.",
                "Leave one of them out.", bound.FirstOrDefault()?.Text);
        }
    }

    /// <summary>A parameter that follows the context by position.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Set">Sets it to what an argument says.</param>
    private protected sealed record Following(string Name, Action<object> Set)
    {
        /// <summary>A parameter of a type.</summary>
        internal static Following Of<T>(string name, Action<T> set) => new(name, value => set(Convert<T>(name, value)));

        private static T Convert<T>(string name, object value)
        {
            // One text may be many values' place, but not the other way round.
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
