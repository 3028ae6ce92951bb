using System.Dynamic;
using System.Linq.Expressions;

namespace Agb.PowerShell;

/// <summary>A path in a context or a session, for binding by property name. Its type is not string: a file cmdlet binds a string
/// property Path before PSPath, and would act on this machine.</summary>
public sealed class AgbPath : IComparable, IDynamicMetaObjectProvider
{
    internal AgbPath(string text, string itemPath)
    {
        Text = text;
        ItemPath = itemPath;
    }

    /// <summary>The PSPath for file cmdlets.</summary>
    internal string ItemPath { get; }

    private string Text { get; }

    /// <inheritdoc/>
    public int CompareTo(object? obj) => string.Compare(Text, obj?.ToString(), StringComparison.CurrentCultureIgnoreCase);

    /// <summary>Whether the other value is the same path, as text or as an object. Linux paths are case-sensitive.</summary>
    public override bool Equals(object? obj) => string.Equals(Text, obj?.ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    DynamicMetaObject IDynamicMetaObjectProvider.GetMetaObject(Expression parameter) => new TextMembers(parameter, this);

    /// <summary>Gives scripts the members of a string.</summary>
    private sealed class TextMembers(Expression expression, AgbPath path) : DynamicMetaObject(expression, BindingRestrictions.Empty, path)
    {
        public override DynamicMetaObject BindGetMember(GetMemberBinder binder) => binder.FallbackGetMember(AsText());

        public override DynamicMetaObject BindInvokeMember(InvokeMemberBinder binder, DynamicMetaObject[] args) =>
            binder.FallbackInvokeMember(AsText(), args);

        private DynamicMetaObject AsText() => new(
            Expression.Call(Expression.Convert(Expression, LimitType), nameof(ToString), null),
            BindingRestrictions.GetTypeRestriction(Expression, LimitType), path.Text);
    }
}
