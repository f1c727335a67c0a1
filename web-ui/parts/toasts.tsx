import { useLingui } from '@lingui/react'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { globalPlatform } from '#client-sdk/platform.ts'
import { dropToast, toastStore } from './toast-store.ts'
import type { Toast } from './toast-store.ts'
import css from './toasts.module.css'

const shownMs = 5_000

export function Toasts() {
  const toasts = useStore(toastStore, (state) => state.toasts)
  return (
    <div className={css.region} role="status" aria-live="polite">
      {toasts.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

function ToastCard({ toast }: { toast: Toast }) {
  const { _ } = useLingui()
  useEffect(() => globalPlatform.after(shownMs, () => dropToast(toast.id)), [toast.id])
  return <div className={css.toast}>{_(toast.text)}</div>
}
